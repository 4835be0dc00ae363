{#- One row per campaign of an advertising system or a spreadsheet; its newest name is its name. -#}
with

direct as (

    select
        _source || ':' || campaign_id as campaign_key,
        _source as source,
        campaign_id,
        {{ arg_max('campaign_name', 'cost_date') }} as campaign_name
    from {{ ref('stg_yandex_direct__campaign_costs') }}
    where not is_deleted and campaign_id is not null and cost_date is not null
    group by _source, campaign_id

),

direct_origins as (

    select
        campaign_key as origin_id,
        'yandex' as utm_source,
        'cpc' as utm_medium,
        cast(null as {{ text_type() }}) as crm_source
    from direct

),

{{ match_channels('direct', 'direct_origins') }},

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
    direct.campaign_key,
    direct.source,
    'yandex_direct' as advertising_system,
    direct.campaign_id,
    direct.campaign_name,
    coalesce(direct_channels.channel, 'other') as channel,
    'yandex' as utm_source,
    'cpc' as utm_medium,
    cast(null as {{ text_type() }}) as utm_campaign
from direct
left join direct_channels on direct.campaign_key = direct_channels.origin_id

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
