{{ config(materialized=read_through()) }}

select
    task_key,
    source,
    deal_key,
    customer_key,
    manager_key,
    created_at,
    due_at,
    completed_at
from {{ ref('int_tasks') }}
