{{ config(materialized=read_through('int_deal_records')) }}
{% set columns = [
    'deal_key', 'source', 'deal_id', 'deal_name', 'pipeline_id', 'stage_id', 'stage_key', 'stage_kind', 'company_card_key',
    'contact_card_key', 'manager_ref', 'amount', 'currency_code', 'created_at', 'updated_at', 'stage_seen_at', 'system_closed_at',
    'loss_reason', 'utm_source', 'utm_medium', 'utm_campaign', 'crm_source', 'lead_id', 'order_ref', 'source_url',
] -%}

{{ union_of('int_deal_records', columns) }}
