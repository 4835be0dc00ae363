{{ config(materialized=inlined()) }}

select
    {{ crm_key('_source', 'activity_id', 'task') }} as task_key,
    _source as source,
    case when type_id = '1' then 'meeting' when type_id = '2' then 'call' else 'task' end as task_type,
    case when owner_type_id = '2' then {{ crm_key('_source', 'owner_id') }} end as deal_key,
    case
        when owner_type_id = '4' then {{ crm_key('_source', 'owner_id', 'company') }}
        when owner_type_id = '3' then {{ crm_key('_source', 'owner_id', 'contact') }}
    end as card_key,
    {{ crm_key('_source', 'responsible_id') }} as manager_ref,
    created_at,
    case when due_at < {{ instant_literal('9000-01-01 00:00:00') }} then due_at end as due_at,
    -- a meeting was when it ended; of other things the last change of a completed one is known
    case
        when not is_completed then null
        when type_id = '1' then coalesce(ends_at, starts_at, updated_at, created_at)
        else coalesce(updated_at, ends_at, created_at)
    end as completed_at
from {{ ref('stg_bitrix24__activities') }}
where
    not is_deleted
    and (
        -- meetings, planned calls and tasks; what telephony writes by itself is no task
        type_id in ('1', '3')
        or (type_id = '2' and coalesce(provider_id, '') <> 'VOXIMPLANT_CALL')
        or (type_id = '6' and provider_id in ('CRM_TODO', 'CRM_TASKS_TASK', 'TASKS', 'CRM_TASKS_TASK_COMMENT'))
    )
