{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('feed', 'leads') }}

)

{{ json_fields('records', {
    'lead_id': 'id',
    'lead_status': 'status',
    'customer_id': 'customer_id',
    'contact_id': 'contact_id',
    'manager_id': 'manager_id',
    'deal_id': 'deal_id',
    'created_at': ['created_at', 'instant'],
    'closed_at': ['closed_at', 'instant'],
    'utm_source': 'utm_source',
    'utm_medium': 'utm_medium',
    'utm_campaign': 'utm_campaign',
    'crm_source': 'crm_source',
    'loss_reason': 'loss_reason',
}) }}
