{{ config(materialized='incremental', on_schema_change='append_new_columns') }}

with records as (
    select *
    from {{ source('amocrm', 'call_notes') }}
    {{ new_loads() }}
),

parsed as (
    {{ json_fields('records', {
        'note_id': 'id',
        'entity_type': '_entity',
        'entity_id': 'entity_id',
        'note_type': 'note_type',
        'responsible_user_id': 'responsible_user_id',
        'created_by': 'created_by',
        'call_uniq': 'params.uniq',
        'phone': 'params.phone',
        'call_source': 'params.source',
        'call_responsible': 'params.call_responsible',
        'call_result': 'params.call_result',
        'call_status': ['params.call_status', 'integer'],
        'duration_seconds': ['params.duration', 'integer'],
        'created_at': ['created_at', 'epoch'],
        'updated_at': ['updated_at', 'epoch'],
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    note_id,
    entity_type,
    {{ crm_id('entity_id') }} as entity_id,
    note_type,
    {{ crm_id('responsible_user_id') }} as responsible_user_id,
    {{ crm_id('created_by') }} as created_by,
    call_uniq,
    phone,
    call_source,
    call_responsible,
    call_result,
    call_status,
    duration_seconds,
    {{ crm_instant('created_at') }} as created_at,
    {{ crm_instant('updated_at') }} as updated_at,
    _uncast_fields
from parsed
