-- a robot's announcement is nobody's work
select
    call_key as activity_key,
    source,
    'call' as activity_type,
    started_at as occurred_at,
    customer_key,
    manager_key,
    deal_key
from {{ ref('int_calls') }}
where is_answered and not is_robot and direction <> 'internal'

union all

select
    task_key as activity_key,
    source,
    task_type as activity_type,
    completed_at as occurred_at,
    customer_key,
    manager_key,
    deal_key
from {{ ref('int_tasks') }}
where completed_at is not null

union all

select
    messages.activity_key,
    messages.source as source,
    messages.activity_type,
    messages.occurred_at,
    coalesce(deals.customer_key, links.customer_key) as customer_key,
    managers.manager_key as manager_key,
    deals.deal_key as deal_key
from {{ ref('int_messages') }} as messages
left join {{ ref('int_deals') }} as deals on messages.deal_key = deals.deal_key
left join {{ ref('int_customer_links') }} as links on messages.card_key = links.card_key
left join {{ ref('int_manager_links') }} as managers on messages.manager_ref = managers.manager_ref
