{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('feed', 'deals') }}

)

{{ json_fields('records', {
    'deal_id': 'id',
    'deal_name': 'name',
    'pipeline_id': 'pipeline',
    'stage_id': 'stage',
    'stage_kind': 'status',
    'customer_id': 'customer_id',
    'contact_id': 'contact_id',
    'manager_id': 'manager_id',
    'amount': ['amount', 'money'],
    'currency_code': 'currency_code',
    'created_at': ['created_at', 'instant'],
    'updated_at': ['updated_at', 'instant'],
    'closed_at': ['closed_at', 'instant'],
    'loss_reason': 'loss_reason',
    'utm_source': 'utm_source',
    'utm_medium': 'utm_medium',
    'utm_campaign': 'utm_campaign',
    'crm_source': 'crm_source',
    'lead_id': 'lead_id',
    'order_ref': 'order_number',
    'source_url': 'url',
}) }}
