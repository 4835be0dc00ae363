{% set columns = ['task_key', 'source', 'task_type', 'deal_key', 'card_key', 'manager_ref', 'created_at', 'due_at', 'completed_at'] -%}

with

tasks as (

    {{ union_of('int_tasks', columns) }}

)

select
    tasks.task_key,
    tasks.source as source,
    tasks.task_type,
    deals.deal_key as deal_key,
    coalesce(deals.customer_key, links.customer_key) as customer_key,
    managers.manager_key as manager_key,
    tasks.created_at as created_at,
    tasks.due_at,
    tasks.completed_at
from tasks
left join {{ ref('int_deals') }} as deals on tasks.deal_key = deals.deal_key
left join {{ ref('int_customer_links') }} as links on tasks.card_key = links.card_key
left join {{ ref('int_manager_links') }} as managers on tasks.manager_ref = managers.manager_ref
