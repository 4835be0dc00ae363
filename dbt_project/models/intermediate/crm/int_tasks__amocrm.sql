{{ config(materialized=inlined()) }}

select
    {{ crm_key('_source', 'task_id', 'task') }} as task_key,
    _source as source,
    -- 2 is the built-in type «Встреча»
    case when task_type_id = '2' then 'meeting' else 'task' end as task_type,
    case when entity_type = 'leads' then {{ crm_key('_source', 'entity_id') }} end as deal_key,
    case
        when entity_type = 'companies' then {{ crm_key('_source', 'entity_id', 'company') }}
        when entity_type = 'contacts' then {{ crm_key('_source', 'entity_id', 'contact') }}
    end as card_key,
    {{ crm_key('_source', 'responsible_user_id') }} as manager_ref,
    created_at,
    due_at,
    -- amoCRM keeps no moment of completion: the last change of a completed task is it
    case when is_completed then coalesce(updated_at, due_at, created_at) end as completed_at
from {{ ref('stg_amocrm__tasks') }}
where not is_deleted
