-- Contacts whose origin a seed tells: inbound calls to a number, or through a tracking service, that stands for a campaign, and deals
-- and leads with a promo code. A call up to an hour after its own deal was made, or before, and a code, both of the deal's own origin,
-- are that deal's own contact, not another one.
{{ config(materialized='ephemeral') }}

with

numbers as (

    select
        coalesce({{ normalize_phone('seeds.mark') }}, lower(trim(seeds.mark))) as mark,
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
    inner join numbers on coalesce({{ normalize_phone('marks.mark') }}, lower(trim(marks.mark))) = numbers.mark

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

calls as (

    select
        calls.call_key,
        calls.deal_key,
        calls.customer_key,
        calls.started_at,
        marked_calls.channel,
        marked_calls.campaign_key
    from marked_calls
    inner join legs on marked_calls.call_group = legs.call_group
    inner join {{ ref('fct_calls') }} as calls on {{ crm_key('legs.source', 'legs.leg_id', 'call') }} = calls.call_key
    where calls.direction = 'in'

),

promo_codes as (

    select
        lower(trim(seeds.promo_code)) as promo_code,
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
        lower(trim(field_value)) as promo_code
    from {{ ref('stg_own__field_values') }}
    where field_name = 'promo_code'

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
