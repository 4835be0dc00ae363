{{ config(materialized=read_through()) }}

select
    deal_key,
    source,
    deal_id,
    deal_name,
    pipeline_name,
    stage_key,
    stage_name,
    deal_status,
    customer_key,
    manager_key,
    manager_at_close_key,
    campaign_key,
    channel,
    amount,
    currency_code,
    amount_base,
    created_at,
    updated_at,
    closed_at,
    loss_reason,
    source_url
from {{ ref('int_deals') }}
