-- Contacts whose origin is told elsewhere than in a deal or a lead: by a seed those of inbound calls to a number, or through a tracking
-- service, that stands for a campaign, and of deals and leads with a promo code; by its marks that of a visit of the site. A call up to an
-- hour after its own deal was made, or before, a code, and the last visit before, all of the deal's own origin, are that deal's own
-- contact, not another one.
{{ config(materialized=inlined()) }}

with

numbers as (

    select
        coalesce({{ normalize_phone('seeds.mark') }}, {{ lower_case('trim(seeds.mark)') }}) as mark,
        campaigns.channel,
        campaigns.campaign_key
    from {{ ref('tracking_numbers') }} as seeds
    inner join {{ ref('int_campaign_matches') }} as campaigns
        on
            campaigns.source = 'tracking'
            and {{ same_value("nullif(trim(seeds.utm_source), '')", 'campaigns.utm_source') }}
            and {{ same_value("nullif(trim(seeds.utm_medium), '')", 'campaigns.utm_medium') }}
            and {{ same_value("nullif(trim(seeds.utm_campaign), '')", 'campaigns.utm_campaign') }}
    where campaigns.channel is not null

),

marks as (

    {{ union_of('int_call_marks', ['source', 'leg_id', 'mark']) }}

),

marked_legs as (

    select
        marks.source,
        marks.leg_id,
        numbers.channel,
        numbers.campaign_key
    from marks
    inner join numbers on coalesce({{ normalize_phone('marks.mark') }}, {{ lower_case('trim(marks.mark)') }}) = numbers.mark

),

legs as (

    {{ union_of('int_call_legs', ['source', 'call_group', 'leg_id']) }}

),

marked_calls as (

    select
        legs.call_group,
        min(marked_legs.campaign_key) as campaign_key,
        {{ arg_min('marked_legs.channel', 'marked_legs.campaign_key') }} as channel
    from legs
    inner join marked_legs on legs.source = marked_legs.source and legs.leg_id = marked_legs.leg_id
    group by legs.call_group

),

-- a call that a CRM and the exchange both wrote down has the CRM's key; the number that was dialled is in the exchange's record
call_names as (

    select
        call_key as call_name,
        call_key
    from {{ ref('fct_calls') }}

    union all

    select
        exchange_call_key as call_name,
        call_key
    from {{ ref('int_calls') }}
    where exchange_call_key is not null

),

tracked_calls as (

    select
        call_names.call_key as call_key,
        min(marked_calls.campaign_key) as campaign_key,
        {{ arg_min('marked_calls.channel', 'marked_calls.campaign_key') }} as channel
    from marked_calls
    inner join legs on marked_calls.call_group = legs.call_group
    inner join call_names on {{ crm_key('legs.source', 'legs.leg_id', 'call') }} = call_names.call_name
    group by call_names.call_key

),

calls as (

    select
        calls.call_key as call_key,
        calls.deal_key,
        calls.customer_key,
        calls.started_at,
        tracked_calls.channel as channel,
        tracked_calls.campaign_key as campaign_key
    from tracked_calls
    inner join {{ ref('fct_calls') }} as calls on tracked_calls.call_key = calls.call_key
    where calls.direction = 'in'

),

promo_codes as (

    select
        {{ lower_case('trim(seeds.promo_code)') }} as promo_code,
        campaigns.channel,
        campaigns.campaign_key
    from {{ ref('promo_codes') }} as seeds
    inner join {{ ref('int_campaign_matches') }} as campaigns
        on
            campaigns.source = 'tracking'
            and {{ same_value("nullif(trim(seeds.utm_source), '')", 'campaigns.utm_source') }}
            and {{ same_value("nullif(trim(seeds.utm_medium), '')", 'campaigns.utm_medium') }}
            and {{ same_value("nullif(trim(seeds.utm_campaign), '')", 'campaigns.utm_campaign') }}
    where campaigns.channel is not null

),

-- a field of the company's own by the name promo_code (var own_fields), of deals in either CRM and of Bitrix24 leads
given_codes as (

    select
        record_key,
        stream,
        {{ lower_case('trim(field_value)') }} as promo_code
    from {{ ref('stg_own__field_values') }}
    where field_name = 'promo_code'

),

visits as (

    {{ union_of('int_site_visits', [
        'visit_key', 'source', 'visitor_id', 'visited_at', 'utm_source', 'utm_medium', 'utm_campaign',
    ]) }}

),

-- the counter's id of a browser, kept in a field of the company's own by the name visitor_id
visitors as (

    select distinct
        trim(field_values.field_value) as visitor_id,
        coalesce(deals.deal_key, leads.deal_key, leads.lead_key) as contact_key,
        coalesce(deals.deal_key, leads.deal_key) as deal_key,
        coalesce(deals.customer_key, leads.customer_key) as customer_key,
        coalesce(deals.created_at, leads.created_at) as created_at,
        coalesce(deals.channel, leads.channel) as channel,
        coalesce(deals.campaign_key, leads.campaign_key) as campaign_key
    from {{ ref('stg_own__field_values') }} as field_values
    left join {{ ref('fct_deals') }} as deals
        on field_values.record_key = deals.deal_key and field_values.stream in ('amocrm.leads', 'bitrix24.deals')
    left join {{ ref('fct_leads') }} as leads
        on replace(field_values.record_key, ':', ':lead:') = leads.lead_key and field_values.stream = 'bitrix24.leads'
    where field_values.field_name = 'visitor_id' and coalesce(deals.deal_key, leads.lead_key) is not null

),

known_visits as (

    select
        visits.visit_key as visit_key,
        visitors.deal_key as deal_key,
        visitors.customer_key as customer_key,
        visits.visited_at as visited_at,
        matches.channel as channel,
        matches.campaign_key as campaign_key,
        case
            when
                {{ same_value('visitors.campaign_key', 'matches.campaign_key') }}
                and {{ same_value('visitors.channel', 'matches.channel') }}
                and visits.visited_at <= visitors.created_at
                then row_number() over (
                    partition by visitors.contact_key, visits.visited_at <= visitors.created_at
                    order by visits.visited_at desc, visits.visit_key desc
                )
        end as visits_before
    from visits
    inner join visitors on visits.visitor_id = visitors.visitor_id
    inner join {{ ref('int_campaign_matches') }} as matches
        on
            visits.source = matches.source
            and {{ same_value('visits.utm_source', 'matches.utm_source') }}
            and {{ same_value('visits.utm_medium', 'matches.utm_medium') }}
            and {{ same_value('visits.utm_campaign', 'matches.utm_campaign') }}
            and matches.crm_source is null
    where matches.channel is not null

)

select
    'call' as touch_kind,
    calls.call_key as touch_key,
    calls.deal_key as own_deal_key,
    calls.customer_key,
    calls.started_at as touched_at,
    calls.channel,
    calls.campaign_key
from calls
left join {{ ref('fct_deals') }} as deals on calls.deal_key = deals.deal_key
where not coalesce(
    calls.started_at <= {{ add_hours('deals.created_at', 1) }}
    and {{ same_value('calls.campaign_key', 'deals.campaign_key') }}
    and {{ same_value('calls.channel', 'deals.channel') }},
    false
)

union all

select
    'promo_code' as touch_kind,
    'promo_code:' || given_codes.record_key as touch_key,
    coalesce(deals.deal_key, leads.deal_key) as own_deal_key,
    coalesce(deals.customer_key, leads.customer_key) as customer_key,
    coalesce(deals.created_at, leads.created_at) as touched_at,
    promo_codes.channel,
    promo_codes.campaign_key
from given_codes
inner join promo_codes on given_codes.promo_code = promo_codes.promo_code
left join {{ ref('fct_deals') }} as deals
    on given_codes.record_key = deals.deal_key and given_codes.stream in ('amocrm.leads', 'bitrix24.deals')
left join {{ ref('fct_leads') }} as leads
    on replace(given_codes.record_key, ':', ':lead:') = leads.lead_key and given_codes.stream = 'bitrix24.leads'
where
    coalesce(deals.deal_key, leads.lead_key) is not null
    and not ({{ same_value('promo_codes.campaign_key', 'coalesce(deals.campaign_key, leads.campaign_key)') }})

union all

select distinct
    'visit' as touch_kind,
    visit_key as touch_key,
    deal_key as own_deal_key,
    customer_key,
    visited_at as touched_at,
    channel,
    campaign_key
from known_visits
where
    visit_key not in (
        select made.visit_key
        from known_visits as made
        where made.visits_before = 1
    )
