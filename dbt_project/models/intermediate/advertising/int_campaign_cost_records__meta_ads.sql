{{ config(materialized=inlined()) }}
select
    cost_date,
    _source || ':' || campaign_id as campaign_key,
    _source as source,
    'meta_ads' as advertising_system,
    campaign_id,
    campaign_name,
    -- how its clicks are marked where a campaign's links carry no marks of their own
    'facebook' as utm_source,
    'cpc' as utm_medium,
    impressions,
    clicks,
    cost,
    currency_code as currency_code,
    {{ source_flag('include_vat', 'false') }} as include_vat
from {{ ref('stg_meta_ads__campaign_costs') }}
where not is_deleted and cost_date is not null and campaign_id is not null
