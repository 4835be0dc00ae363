{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('bitrix24_bi', 'activities') }}

),

parsed as (

    {{ json_fields('records', {
        'task_id': 'ID',
        'type_id': 'TYPE_ID',
        'provider_id': 'PROVIDER_ID',
        'owner_type_id': 'OWNER_TYPE_ID',
        'owner_id': 'OWNER_ID',
        'responsible_id': 'RESPONSIBLE_ID',
        'created_text': 'DATE_CREATE',
        'modified_text': 'DATE_MODIFY',
        'deadline_text': 'DEADLINE',
        'end_text': 'END_TIME',
        'is_completed': ['COMPLETED', 'boolean'],
    }) }}

),

call_records as (

    select *
    from {{ source('bitrix24_bi', 'calls') }}
    where not _deleted

),

calls as (

    {{ json_fields('call_records', {'left_activity_id': 'CRM_ACTIVITY_ID'}) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    task_id,
    case type_id when '1' then 'meeting' when '2' then 'call' else 'task' end as task_type,
    case when owner_type_id = '2' then {{ crm_id('owner_id') }} end as deal_id,
    case owner_type_id when '4' then 'company:' when '3' then 'contact:' end || {{ crm_id('owner_id') }} as customer_id,
    {{ crm_id('responsible_id') }} as manager_id,
    {{ sent_moment('created_text') }} as created_at,
    {{ sent_moment('deadline_text') }} as due_at,
    case when is_completed then coalesce({{ sent_moment('end_text') }}, {{ sent_moment('modified_text') }}) end as completed_at
from parsed
-- 1 meeting, 2 call, 3 task; letters and what providers write are no tasks, nor is what a call of the telephony leaves
where
    type_id in ('1', '2', '3')
    and (
        type_id <> '2'
        or (
            coalesce(provider_id, '') <> 'VOXIMPLANT_CALL'
            and _source || ':' || task_id not in (
                select calls._source || ':' || calls.left_activity_id
                from calls
                where calls.left_activity_id is not null
            )
        )
    )
