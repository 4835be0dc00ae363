{#- One row per campaign of an advertising system or a spreadsheet; its newest name is its name. -#}
{%- set columns = [
    'campaign_key', 'source', 'advertising_system', 'campaign_id', 'campaign_name', 'utm_source', 'utm_medium', 'cost_date',
] -%}
with

reported as (

    select
        campaign_key,
        min(source) as source,
        min(advertising_system) as advertising_system,
        min(campaign_id) as campaign_id,
        {{ arg_max('campaign_name', 'cost_date') }} as campaign_name,
        min(utm_source) as utm_source,
        min(utm_medium) as utm_medium
    from (
        {{ union_of('int_campaign_cost_records', columns) }}
    ) as costs
    group by campaign_key

),

reported_origins as (

    select
        campaign_key as origin_id,
        utm_source,
        utm_medium,
        cast(null as {{ text_type() }}) as crm_source
    from reported

),

{{ match_channels('reported', 'reported_origins') }},

typed as (

    select
        campaign_key,
        min(source) as source,
        min(advertising_system) as advertising_system,
        {{ arg_max('channel', 'cost_date') }} as channel,
        {{ arg_max('utm_source', 'cost_date') }} as utm_source,
        {{ arg_max('utm_medium', 'cost_date') }} as utm_medium,
        {{ arg_max('utm_campaign', 'cost_date') }} as utm_campaign,
        {{ arg_max('coalesce(campaign_name, utm_campaign)', 'cost_date') }} as campaign_name
    from {{ ref('int_spreadsheet_campaigns') }}
    where not is_reported_by_system and utm_campaign is not null
    group by campaign_key

)

select
    reported.campaign_key,
    reported.source,
    reported.advertising_system,
    reported.campaign_id,
    reported.campaign_name,
    coalesce(reported_channels.channel, 'other') as channel,
    reported.utm_source,
    reported.utm_medium,
    cast(null as {{ text_type() }}) as utm_campaign
from reported
left join reported_channels on reported.campaign_key = reported_channels.origin_id

union all

select
    campaign_key,
    source,
    advertising_system,
    cast(null as {{ text_type() }}) as campaign_id,
    campaign_name,
    channel,
    utm_source,
    utm_medium,
    utm_campaign
from typed
