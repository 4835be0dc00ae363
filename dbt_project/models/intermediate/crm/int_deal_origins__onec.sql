{{ config(materialized=inlined()) }}

select
    source,
    lead_key as record_key,
    utm_source,
    utm_medium,
    utm_campaign,
    crm_source
from {{ ref('int_leads__onec') }}
