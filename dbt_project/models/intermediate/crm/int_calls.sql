{% set columns = [
    'source', 'call_group', 'leg_id', 'started_at', 'direction', 'phone', 'card_key', 'deal_key', 'manager_ref', 'talk_seconds',
    'is_answered', 'adds_up', 'is_robot', 'is_internal', 'wait_seconds', 'extension', 'is_exchange',
] -%}
{% set foreign = var('sources') | selectattr('country', 'defined') | rejectattr('country', 'equalto', var('company_country')) | list %}
{% set between_colleagues -%}
legs.is_internal
        or extensions.extension is not null
        or coalesce(phones.phone_e164 is null and length(phones.phone_digits) between 2 and 4, false)
{%- endset -%}
{%- set waited = 'wait_seconds + ' ~ seconds_between('call_started_at', 'started_at') %}
{#- What is known of a leg, the same for calls of one leg and of several. -#}
{% set known -%}
        legs.call_group as call_group,
        legs.source as source,
        legs.leg_id as leg_id,
        legs.started_at as started_at,
        legs.direction as direction,
        phones.phone_e164 as phone,
        case when {{ between_colleagues }} then phones.phone_digits end as extension,
        coalesce(customers.customer_key, deals.customer_key) as customer_key,
        coalesce(managers.manager_key, extension_managers.manager_key) as manager_key,
        deals.deal_key as deal_key,
        {{ cast_as('legs.talk_seconds', 'double') }} as talk_seconds,
        {{ cast_as('legs.wait_seconds', 'double') }} as wait_seconds,
        coalesce(legs.is_answered, false) as is_answered,
        coalesce(legs.is_robot, false) as is_robot,
        coalesce({{ between_colleagues }}, false) as is_internal,
        coalesce(legs.is_exchange, false) as is_exchange
{%- endset -%}
{% set known_from -%}
    left join phones on legs.source = phones.written_by and legs.phone = phones.written_phone
    left join extensions on legs.source = extensions.source and phones.phone_digits = extensions.extension
    left join customers on legs.card_key = customers.card_key
    left join {{ ref('int_deals') }} as deals on legs.deal_key = deals.deal_key
    left join {{ ref('int_manager_links') }} as managers on legs.manager_ref = managers.manager_ref
    left join extension_managers on legs.extension = extension_managers.extension
{%- endset -%}

with

legs as (

    {{ union_of('int_call_legs', columns) }}

),

-- most calls have one leg: only the others are sorted and put together
shared_groups as (

    select call_group as shared_group
    from legs
    group by call_group
    having count(*) > 1

),

extensions as (

    select distinct
        source,
        {{ digits('extension') }} as extension
    from {{ ref('int_manager_cards') }}
    where length({{ digits('extension') }}) between 1 and 6

),

-- who an extension of the exchange is: the person that exactly one card gives it to
extension_managers as (

    select
        {{ digits('cards.extension') }} as extension,
        min(links.manager_key) as manager_key
    from {{ ref('int_manager_cards') }} as cards
    inner join {{ ref('int_manager_links') }} as links on cards.manager_ref = links.manager_ref
    where length({{ digits('cards.extension') }}) between 1 and 6
    group by {{ digits('cards.extension') }}
    having count(distinct links.manager_key) = 1

),

phones as (

    -- each way of writing a number is read once, by the rules of the country that its source stands in
    select
        source as written_by,
        phone as written_phone,
        {%- if foreign %}
        case
            {%- for one in foreign %}
            when source = '{{ one.name }}' then {{ normalize_phone('phone', one.country) }}
            {%- endfor %}
            else {{ normalize_phone('phone') }}
        end as phone_e164,
        {%- else %}
        {{ normalize_phone('phone') }} as phone_e164,
        {%- endif %}
        {{ digits('phone') }} as phone_digits
    from (
        select distinct
            source,
            phone
        from legs
        where phone is not null
    ) as written

),

customers as (

    select
        card_key,
        customer_key,
        case when card_key like '%:company:%' then 1 else 2 end as preference
    from {{ ref('int_customer_links') }}

),

shared_legs as (

    select
        {{ known }},
        legs.adds_up,
        coalesce(customers.preference, 3) as customer_preference,
        row_number() over (
            partition by legs.call_group
            -- who called in goes before whom the exchange dialled for them in the same second
            order by legs.started_at, case when legs.direction = 'in' then 0 else 1 end, {{ id_order('legs.leg_id') }}
        ) as leg_number,
        min(legs.started_at) over (partition by legs.call_group) as call_started_at
    from legs
    inner join shared_groups on legs.call_group = shared_groups.shared_group
    {{ known_from }}

),

single_legs as (

    select
        {{ known }}
    from legs
    left join shared_groups on legs.call_group = shared_groups.shared_group
    {{ known_from }}
    where shared_groups.shared_group is null

),

joined as (

    select
        call_group,
        source,
        leg_id as call_id,
        started_at,
        direction,
        phone,
        extension,
        customer_key,
        case when is_answered then manager_key end as manager_answered,
        manager_key as manager_rung,
        deal_key,
        talk_seconds,
        wait_seconds,
        is_answered,
        is_robot,
        is_internal,
        is_exchange
    from single_legs

    union all

    select
        call_group,
        min(source) as source,
        {{ arg_min('leg_id', 'leg_number') }} as call_id,
        min(started_at) as started_at,
        -- a word with a colleague on the way makes nobody's call internal
        {{ arg_min('direction', 'case when not is_internal then leg_number end') }} as direction,
        {{ first_known('phone', 'leg_number') }} as phone,
        max(extension) as extension,
        {{ arg_min('customer_key', 'case when customer_key is not null then 1000 * customer_preference + leg_number end') }}
            as customer_key,
        -- who talked (the last of them), else the last one rung
        {{ arg_max('manager_key', 'case when is_answered and manager_key is not null then leg_number end') }} as manager_answered,
        {{ arg_max('manager_key', 'case when manager_key is not null then leg_number end') }} as manager_rung,
        -- a call hung on several deals belongs to none of them for certain
        case when min(deal_key) = max(deal_key) then min(deal_key) end as deal_key,
        case when {{ any_true('adds_up') }} then sum(talk_seconds) else max(talk_seconds) end as talk_seconds,
        -- who rang first waits from then on, whichever leg takes the call
        coalesce(min(case when is_answered then {{ waited }} end), max({{ waited }})) as wait_seconds,
        {{ any_true('is_answered') }} as is_answered,
        {{ any_true('is_robot') }} as is_robot,
        not {{ any_true('not is_internal') }} as is_internal,
        {{ any_true('is_exchange') }} as is_exchange
    from shared_legs
    group by call_group

),

owners as (

    -- a number of exactly one customer names the caller where no card does
    select
        identifiers.identifier_value as owned_phone,
        min(links.customer_key) as owner_key
    from {{ ref('int_customer_identifiers') }} as identifiers
    inner join {{ ref('int_customer_links') }} as links on identifiers.card_key = links.card_key
    where identifiers.identifier_kind = 'phone' and links.customer_key is not null
    group by identifiers.identifier_value
    having min(links.customer_key) = max(links.customer_key)

),

told_calls as {{ computed_once() }} (

    select
        {{ crm_key('joined.source', 'joined.call_id', 'call') }} as call_key,
        joined.source,
        joined.call_group,
        joined.started_at,
        case when joined.is_internal then 'internal' else joined.direction end as direction,
        coalesce(joined.phone, joined.extension) as phone,
        case when not joined.is_internal then coalesce(joined.customer_key, owners.owner_key) end as customer_key,
        joined.manager_answered,
        joined.manager_rung,
        joined.deal_key,
        joined.talk_seconds,
        joined.wait_seconds,
        joined.is_answered,
        joined.is_robot,
        joined.is_exchange
    from joined
    left join owners on joined.phone = owners.owned_phone

),

{{ call_twins('twins', 'told_calls') }},

exchange_calls as (

    select *
    from told_calls
    where is_exchange

),

-- the CRM knows whose call it was, the exchange when it was, who talked and for how long
calls as (

    select
        told.call_key as call_key,
        exchange.call_key as exchange_call_key,
        told.source as source,
        coalesce(exchange.started_at, told.started_at) as started_at,
        told.direction as direction,
        told.phone as phone,
        coalesce(told.customer_key, exchange.customer_key) as customer_key,
        coalesce(exchange.manager_answered, told.manager_answered, told.manager_rung, exchange.manager_rung) as manager_key,
        told.deal_key as linked_deal_key,
        coalesce(exchange.talk_seconds, told.talk_seconds) as talk_seconds,
        coalesce(exchange.wait_seconds, told.wait_seconds) as wait_seconds,
        coalesce(exchange.is_answered, told.is_answered) as is_answered,
        told.is_robot as is_robot
    from told_calls as told
    left join twins on told.call_key = twins.call_key
    left join exchange_calls as exchange on twins.exchange_call_key = exchange.call_key
    where told.call_key not in (select matched.exchange_call_key from twins as matched)

),

only_open_deals as (

    select
        calls.call_key,
        min(deals.deal_key) as deal_key
    from calls
    inner join {{ ref('int_deals') }} as deals
        on
            calls.customer_key = deals.customer_key
            and deals.created_at <= calls.started_at
            and (deals.closed_at is null or deals.closed_at > calls.started_at)
    left join {{ ref('int_undone_closings') }} as undone_closings
        on
            deals.deal_key = undone_closings.reopened_deal_key
            and calls.started_at >= undone_closings.was_closed_at
            and calls.started_at < undone_closings.was_reopened_at
    where calls.linked_deal_key is null and calls.direction <> 'internal' and undone_closings.reopened_deal_key is null
    group by calls.call_key
    having count(*) = 1

)

select
    calls.call_key,
    calls.source,
    calls.started_at,
    {{ business_date('calls.started_at') }} as call_date,
    calls.direction,
    calls.phone,
    calls.customer_key,
    calls.manager_key,
    coalesce(calls.linked_deal_key, only_open_deals.deal_key) as deal_key,
    {{ safe_cast('case when calls.talk_seconds < 0 then 0 else calls.talk_seconds end', 'integer') }} as talk_seconds,
    {{ safe_cast('calls.wait_seconds', 'integer') }} as wait_seconds,
    calls.is_answered,
    calls.direction = 'in' and not calls.is_answered as is_missed,
    calls.is_robot,
    -- the same call by its name in the exchange's records
    calls.exchange_call_key
from calls
left join only_open_deals on calls.call_key = only_open_deals.call_key
