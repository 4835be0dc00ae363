{{ config(materialized=inlined()) }}
select
    source,
    deal_key as record_key,
    utm_source,
    utm_medium,
    utm_campaign,
    crm_source
from {{ ref('int_deal_records__freshoffice') }}
