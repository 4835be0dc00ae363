{{ config(materialized=inlined()) }}
select
    cost_date,
    _source || ':' || campaign_id as campaign_key,
    _source as source,
    'mytarget' as advertising_system,
    campaign_id,
    campaign_name,
    -- how its clicks are marked where a campaign's links carry no marks of their own
    'mytarget' as utm_source,
    'cpc' as utm_medium,
    impressions,
    clicks,
    cost,
    cast({{ source_option('currency') }} as {{ text_type() }}) as currency_code,
    {{ source_flag('include_vat', 'true') }} as include_vat
from {{ ref('stg_mytarget__campaign_costs') }}
where not is_deleted and cost_date is not null and campaign_id is not null
