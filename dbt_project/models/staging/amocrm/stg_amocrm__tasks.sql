{{ config(materialized='incremental') }}

with records as (
    select *
    from {{ source('amocrm', 'tasks') }}
    {{ new_loads() }}
),

parsed as (
    {{ json_fields('records', {
        'task_id': 'id',
        'entity_type': 'entity_type',
        'entity_id': 'entity_id',
        'responsible_user_id': 'responsible_user_id',
        'task_type_id': 'task_type_id',
        'is_completed': ['is_completed', 'boolean'],
        'created_at': ['created_at', 'epoch'],
        'updated_at': ['updated_at', 'epoch'],
        'due_at': ['complete_till|complete_till_at', 'epoch'],
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    task_id,
    entity_type,
    {{ crm_id('entity_id') }} as entity_id,
    {{ crm_id('responsible_user_id') }} as responsible_user_id,
    task_type_id,
    is_completed,
    {{ crm_instant('created_at') }} as created_at,
    {{ crm_instant('updated_at') }} as updated_at,
    {{ crm_instant('due_at') }} as due_at,
    _uncast_fields
from parsed
