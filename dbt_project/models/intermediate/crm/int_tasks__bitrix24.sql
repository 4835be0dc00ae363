{{ config(materialized=inlined()) }}

select
    {{ crm_key('activities._source', 'activities.activity_id', 'task') }} as task_key,
    activities._source as source,
    case when activities.type_id = '1' then 'meeting' when activities.type_id = '2' then 'call' else 'task' end as task_type,
    case when activities.owner_type_id = '2' then {{ crm_key('activities._source', 'activities.owner_id') }} end as deal_key,
    case
        when activities.owner_type_id = '4' then {{ crm_key('activities._source', 'activities.owner_id', 'company') }}
        when activities.owner_type_id = '3' then {{ crm_key('activities._source', 'activities.owner_id', 'contact') }}
        when activities.owner_type_id = '1' then lead_cards.card_key
    end as card_key,
    {{ crm_key('activities._source', 'activities.responsible_id') }} as manager_ref,
    activities.created_at as created_at,
    case when activities.due_at < {{ instant_literal('9000-01-01 00:00:00') }} then activities.due_at end as due_at,
    -- a meeting was when it ended; of other things the last change of a completed one is known
    case
        when not coalesce(activities.is_completed, false) then null
        when activities.type_id = '1' then coalesce(activities.ends_at, activities.starts_at, activities.updated_at, activities.created_at)
        else coalesce(activities.updated_at, activities.ends_at, activities.created_at)
    end as completed_at
from {{ ref('stg_bitrix24__activities') }} as activities
left join {{ ref('int_bitrix24_lead_cards') }} as lead_cards
    on activities._source = lead_cards._source and activities.owner_id = lead_cards.lead_id
where
    not activities.is_deleted
    and (
        -- meetings, planned calls and tasks; what telephony writes by itself is no task
        activities.type_id in ('1', '3')
        or (activities.type_id = '2' and coalesce(activities.provider_id, '') <> 'VOXIMPLANT_CALL')
        or (activities.type_id = '6' and activities.provider_id in ('CRM_TODO', 'CRM_TASKS_TASK', 'TASKS', 'CRM_TASKS_TASK_COMMENT'))
    )
