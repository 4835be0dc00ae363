{%- set is_within -%}
    origins.touched_at >= deals.window_start and origins.touched_at <= deals.window_end and origins.touched_at < {{ as_of_end() }}
{%- endset %}

with

forms as (

    select distinct lead_key
    from (
        {{ union_of('int_leads', ['lead_key', 'crm_source']) }}
    ) as leads
    where {{ lower_case('crm_source') }} in (
        {%- for name in var('form_sources') %}
        {{ text_literal(name | lower) }}{{ ',' if not loop.last }}
        {%- endfor %}
    )

),

origins as (

    select
        'deal' as touch_kind,
        deal_key as touch_key,
        deal_key as own_deal_key,
        customer_key,
        created_at as touched_at,
        channel,
        campaign_key,
        -- one contact of several deals or customers is told once for each of them
        false as is_repeated
    from {{ ref('fct_deals') }}
    where channel is not null

    union all

    select
        touch_kind,
        touch_key,
        own_deal_key,
        customer_key,
        touched_at,
        channel,
        campaign_key,
        true as is_repeated
    from {{ ref('int_tracked_touches') }}

    union all

    -- a lead that became a deal of the same origin is that deal's own contact, not another one
    select
        case when forms.lead_key is not null then 'form' else 'lead' end as touch_kind,
        leads.lead_key as touch_key,
        leads.deal_key as own_deal_key,
        leads.customer_key,
        leads.created_at as touched_at,
        leads.channel,
        leads.campaign_key,
        false as is_repeated
    from {{ ref('fct_leads') }} as leads
    left join {{ ref('fct_deals') }} as deals on leads.deal_key = deals.deal_key
    left join forms on leads.lead_key = forms.lead_key
    where
        leads.channel is not null
        and (
            deals.deal_key is null
            or not ({{ same_value('leads.campaign_key', 'deals.campaign_key') }} and {{ same_value('leads.channel', 'deals.channel') }})
        )

),

deals as {{ computed_once() }} (

    select
        deal_key,
        customer_key,
        created_at,
        channel,
        campaign_key,
        {{ add_hours('created_at', -24 * (var('attribution_window_days') | int)) }} as window_start,
        least(coalesce(closed_at, {{ as_of_end() }}), {{ as_of_end() }}) as window_end
    from {{ ref('fct_deals') }}

),

-- two equality joins instead of one with "or", which no engine can hash; what both find comes from the first
reached as (

    select
        deals.deal_key,
        deals.customer_key as customer_key,
        origins.touch_kind,
        origins.touch_key,
        origins.touched_at,
        origins.channel as channel,
        origins.campaign_key as campaign_key,
        origins.is_repeated
    from deals
    inner join origins on deals.customer_key = origins.customer_key
    where {{ is_within }}

    union all

    select
        deals.deal_key,
        deals.customer_key as customer_key,
        origins.touch_kind,
        origins.touch_key,
        origins.touched_at,
        origins.channel as channel,
        origins.campaign_key as campaign_key,
        origins.is_repeated
    from deals
    inner join origins on deals.deal_key = origins.own_deal_key
    where
        (({{ is_within }}) or origins.touch_key = deals.deal_key)
        and not coalesce(
            deals.customer_key = origins.customer_key and {{ is_within }},
            false
        )

),

touches as (

    select
        deal_key,
        customer_key,
        touch_kind,
        touch_key,
        touched_at,
        channel,
        campaign_key
    from reached
    where not is_repeated

    union all

    select distinct
        deal_key,
        customer_key,
        touch_kind,
        touch_key,
        touched_at,
        channel,
        campaign_key
    from reached
    where is_repeated

    union all

    select
        deal_key,
        customer_key,
        'deal' as touch_kind,
        deal_key as touch_key,
        created_at as touched_at,
        channel,
        campaign_key
    from deals
    where deal_key not in (select reached.deal_key from reached)

)

select
    touches.deal_key,
    cast(row_number() over (
        partition by touches.deal_key order by touches.touched_at asc, touches.touch_kind desc, touches.touch_key asc
    ) as integer) as touch_number,
    touches.touch_kind,
    touches.customer_key,
    touches.touched_at,
    touches.channel,
    touches.campaign_key
from touches
