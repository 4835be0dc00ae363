{#- Every origin that a deal or a lead carries, with what it means: join on all five columns, NULL meeting NULL. -#}

with

recorded as (

    select distinct
        source,
        utm_source,
        utm_medium,
        utm_campaign,
        crm_source
    from (
        {{ union_of('int_deal_origins', ['source', 'utm_source', 'utm_medium', 'utm_campaign', 'crm_source']) }}
    ) as origins

),

origins as (

    select
        row_number() over (order by source, utm_source, utm_medium, utm_campaign, crm_source) as origin_id,
        source,
        utm_source,
        utm_medium,
        utm_campaign,
        crm_source
    from recorded

),

{{ match_campaigns('origin', 'origins', ref('int_campaigns')) }},

{{ match_channels('origin', 'origins') }},

channelled as (

    select
        origins.source as source,
        origins.utm_source as utm_source,
        origins.utm_medium as utm_medium,
        origins.utm_campaign as utm_campaign,
        origins.crm_source,
        origin_campaigns.campaign_key as campaign_key,
        case
            when origin_campaigns.campaign_key is not null then campaigns.channel
            when coalesce(origins.utm_source, origins.utm_medium, origins.utm_campaign, origins.crm_source) is null then null
            else coalesce(origin_channels.channel, 'other')
        end as channel
    from origins
    left join origin_campaigns on origins.origin_id = origin_campaigns.origin_id
    left join {{ ref('int_campaigns') }} as campaigns on origin_campaigns.campaign_key = campaigns.campaign_key
    left join origin_channels on origins.origin_id = origin_channels.origin_id

)

select
    source,
    utm_source,
    utm_medium,
    utm_campaign,
    crm_source,
    coalesce(campaign_key, 'channel:' || channel) as campaign_key,
    channel
from channelled
