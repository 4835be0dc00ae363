{{ config(materialized=inlined()) }}
select
    cost_date,
    _source || ':' || coalesce(campaign_id, campaign_name) as campaign_key,
    _source as source,
    'google_ads' as advertising_system,
    campaign_id,
    campaign_name,
    -- how its clicks are marked where a campaign's links carry no marks of their own
    'google' as utm_source,
    'cpc' as utm_medium,
    impressions,
    clicks,
    cost,
    coalesce(currency_code, {{ source_option('currency') }}) as currency_code,
    {{ source_flag('include_vat', 'false') }} as include_vat
from {{ ref('stg_google_ads__campaign_costs') }}
where not is_deleted and cost_date is not null and coalesce(campaign_id, campaign_name) is not null
