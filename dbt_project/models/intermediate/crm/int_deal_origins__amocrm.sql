{{ config(materialized=read_through()) }}

select
    source,
    deal_key as record_key,
    utm_source,
    utm_medium,
    utm_campaign,
    crm_source
from {{ ref('int_deal_records__amocrm') }}

union all

select
    source,
    lead_key as record_key,
    utm_source,
    utm_medium,
    utm_campaign,
    crm_source
from {{ ref('int_leads__amocrm') }}
