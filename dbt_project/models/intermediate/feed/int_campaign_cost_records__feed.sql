{{ config(materialized=inlined()) }}
select
    cost_date,
    {{ crm_key('_source', 'campaign_id') }} as campaign_key,
    _source as source,
    'feed' as advertising_system,
    campaign_id,
    campaign_name,
    utm_source,
    utm_medium,
    coalesce(impressions, 0) as impressions,
    coalesce(clicks, 0) as clicks,
    cost,
    currency_code,
    coalesce(include_vat, true) as include_vat
from {{ ref('stg_feed__campaign_costs') }}
where not is_deleted and cost_date is not null and campaign_id is not null
