select
    cost_date,
    _source || ':' || campaign_id as campaign_key,
    _source as source,
    'yandex_direct' as advertising_system,
    campaign_id,
    campaign_name,
    -- how its clicks are marked where a campaign's links carry no marks of their own
    'yandex' as utm_source,
    'cpc' as utm_medium,
    impressions,
    clicks,
    cost,
    currency_code,
    coalesce(include_vat, true) as include_vat
from {{ ref('stg_yandex_direct__campaign_costs') }}
where not is_deleted and cost_date is not null and campaign_id is not null
