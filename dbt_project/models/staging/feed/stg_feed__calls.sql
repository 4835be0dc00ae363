{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('feed', 'calls') }}

)

{{ json_fields('records', {
    'call_id': 'id',
    'call_group': 'call_group',
    'started_at': ['started_at', 'instant'],
    'direction': 'direction',
    'phone': 'phone',
    'manager_id': 'manager_id',
    'extension': 'extension',
    'customer_id': 'customer_id',
    'deal_id': 'deal_id',
    'talk_seconds': ['talk_seconds', 'number'],
    'wait_seconds': ['wait_seconds', 'number'],
    'is_answered': ['is_answered', 'boolean'],
}) }}
