{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('feed', 'tasks') }}

)

{{ json_fields('records', {
    'task_id': 'id',
    'task_type': 'kind',
    'deal_id': 'deal_id',
    'customer_id': 'customer_id',
    'manager_id': 'manager_id',
    'created_at': ['created_at', 'instant'],
    'due_at': ['due_at', 'instant'],
    'completed_at': ['completed_at', 'instant'],
}) }}
