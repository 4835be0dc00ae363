{% set columns = [
    'source', 'call_group', 'leg_id', 'started_at', 'direction', 'phone', 'card_key', 'deal_key', 'manager_ref', 'talk_seconds',
    'is_answered', 'adds_up', 'is_robot', 'is_internal', 'wait_seconds', 'extension', 'is_exchange',
] -%}

with

legs as (

    {{ union_of('int_call_legs', columns) }}

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

    -- each way of writing a number is read once
    select
        phone,
        {{ normalize_phone('phone') }} as phone_e164,
        {{ digits('phone') }} as phone_digits
    from (
        select distinct phone
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

known_legs as (

    select
        {%- for column in columns %}
        legs.{{ column }} as {{ column }},
        {%- endfor %}
        phones.phone_e164,
        phones.phone_digits,
        legs.is_internal
        or extensions.extension is not null
        or coalesce(phones.phone_e164 is null and length(phones.phone_digits) between 2 and 4, false) as is_between_colleagues,
        deals.deal_key as known_deal_key,
        coalesce(customers.customer_key, deals.customer_key) as customer_key,
        coalesce(customers.preference, 3) as customer_preference,
        coalesce(managers.manager_key, extension_managers.manager_key) as manager_key,
        row_number() over (
            partition by legs.call_group
            order by legs.started_at, {{ id_order('legs.leg_id') }}
        ) as leg_number
    from legs
    left join phones on legs.phone = phones.phone
    left join extensions on legs.source = extensions.source and phones.phone_digits = extensions.extension
    left join customers on legs.card_key = customers.card_key
    left join {{ ref('int_deals') }} as deals on legs.deal_key = deals.deal_key
    left join {{ ref('int_manager_links') }} as managers on legs.manager_ref = managers.manager_ref
    left join extension_managers on legs.extension = extension_managers.extension

),

joined as (

    select
        call_group,
        min(source) as source,
        {{ arg_min('leg_id', 'leg_number') }} as call_id,
        min(started_at) as started_at,
        {{ arg_min('direction', 'leg_number') }} as direction,
        max(phone_e164) as phone,
        max(case when is_between_colleagues then phone_digits end) as extension,
        {{ arg_min('customer_key', 'case when customer_key is not null then 1000 * customer_preference + leg_number end') }}
            as customer_key,
        -- who talked (the last of them), else the last one rung
        {{ arg_max('manager_key', 'case when is_answered and manager_key is not null then leg_number end') }} as manager_answered,
        {{ arg_max('manager_key', 'case when manager_key is not null then leg_number end') }} as manager_rung,
        min(known_deal_key) as first_deal_key,
        max(known_deal_key) as last_deal_key,
        {{ any_true('adds_up') }} as adds_up,
        sum({{ cast_as('talk_seconds', 'double') }}) as talk_seconds_sum,
        max({{ cast_as('talk_seconds', 'double') }}) as talk_seconds_max,
        {{ any_true('is_answered') }} as is_answered,
        {{ any_true('is_robot') }} as is_robot,
        {{ any_true('is_between_colleagues') }} as is_internal,
        min(case when is_answered then {{ cast_as('wait_seconds', 'double') }} end) as waited_for_answer,
        max({{ cast_as('wait_seconds', 'double') }}) as waited_in_vain,
        {{ any_true('is_exchange') }} as is_exchange
    from known_legs
    group by call_group

),

owners as (

    -- a number of exactly one customer names the caller where no card does
    select
        identifiers.identifier_value as phone,
        min(links.customer_key) as customer_key
    from {{ ref('int_customer_identifiers') }} as identifiers
    inner join {{ ref('int_customer_links') }} as links on identifiers.card_key = links.card_key
    where identifiers.identifier_kind = 'phone' and links.customer_key is not null
    group by identifiers.identifier_value
    having count(distinct links.customer_key) = 1

),

told_calls as (

    select
        {{ crm_key('joined.source', 'joined.call_id', 'call') }} as call_key,
        joined.source,
        -- the exchange's own id, where a CRM was told it
        case
            when joined.is_exchange then {{ text_extract_pattern('joined.call_group', '^[^:]+:call:(.+)$', 1) }}
            else {{ text_extract_pattern('joined.call_group', '^[^:]+:uniq:(.+)$', 1) }}
        end as exchange_id,
        joined.started_at,
        case when joined.is_internal then 'internal' else joined.direction end as direction,
        coalesce(joined.phone, joined.extension) as phone,
        case when not joined.is_internal then coalesce(joined.customer_key, owners.customer_key) end as customer_key,
        joined.manager_answered,
        joined.manager_rung,
        -- a call hung on several deals belongs to none of them for certain
        case when joined.first_deal_key = joined.last_deal_key then joined.first_deal_key end as linked_deal_key,
        case when joined.adds_up then joined.talk_seconds_sum else joined.talk_seconds_max end as talk_seconds,
        coalesce(joined.waited_for_answer, joined.waited_in_vain) as wait_seconds,
        joined.is_answered,
        joined.is_robot,
        joined.is_exchange
    from joined
    left join owners on joined.phone = owners.phone

),

{{ call_twins('twins', 'told_calls') }},

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
        told.linked_deal_key as linked_deal_key,
        coalesce(exchange.talk_seconds, told.talk_seconds) as talk_seconds,
        coalesce(exchange.wait_seconds, told.wait_seconds) as wait_seconds,
        coalesce(exchange.is_answered, told.is_answered) as is_answered,
        told.is_robot as is_robot
    from told_calls as told
    left join twins on told.call_key = twins.call_key
    left join told_calls as exchange on twins.exchange_call_key = exchange.call_key
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
    where calls.linked_deal_key is null and calls.direction <> 'internal'
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
