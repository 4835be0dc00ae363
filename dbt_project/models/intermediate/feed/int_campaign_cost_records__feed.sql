{{ config(materialized=inlined()) }}
select
    costs.cost_date,
    {{ crm_key('costs._source', 'costs.campaign_id') }} as campaign_key,
    costs._source as source,
    -- the marks of its links tell whose campaign it is; a deal with such a mark looks for it there
    coalesce(systems.advertising_system, {{ mark_folded('costs.utm_source') }}, 'feed') as advertising_system,
    costs.campaign_id as campaign_id,
    costs.campaign_name as campaign_name,
    costs.utm_source as utm_source,
    costs.utm_medium as utm_medium,
    coalesce(costs.impressions, 0) as impressions,
    coalesce(costs.clicks, 0) as clicks,
    costs.cost as cost,
    costs.currency_code as currency_code,
    coalesce(costs.include_vat, true) as include_vat
from {{ ref('stg_feed__campaign_costs') }} as costs
left join {{ ref('utm_sources') }} as systems
    on {{ mark_folded('costs.utm_source') }} = {{ look_alike_folded('systems.utm_source') }}
where not costs.is_deleted and costs.cost_date is not null and costs.campaign_id is not null
