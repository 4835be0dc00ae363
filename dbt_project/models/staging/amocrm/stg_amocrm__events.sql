{{ config(materialized='incremental') }}

with records as (
    select *
    from {{ source('amocrm', 'events') }}
    {{ new_loads() }}
),

parsed as (
    {{ json_fields('records', {
        'event_id': ['id', 'code'],
        'event_type': ['type', 'code'],
        'entity_type': ['entity_type', 'code'],
        'entity_id': ['entity_id', 'code'],
        'created_by': ['created_by', 'code'],
        'status_before': ['value_before[0].lead_status.id', 'code'],
        'pipeline_before': ['value_before[0].lead_status.pipeline_id', 'code'],
        'status_after': ['value_after[0].lead_status.id', 'code'],
        'pipeline_after': ['value_after[0].lead_status.pipeline_id', 'code'],
        'responsible_before': ['value_before[0].responsible_user.id', 'code'],
        'responsible_after': ['value_after[0].responsible_user.id', 'code'],
        'created_at': ['created_at', 'epoch'],
    }, many=true) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    event_id,
    event_type,
    entity_type,
    {{ crm_id('entity_id') }} as entity_id,
    {{ crm_id('created_by') }} as created_by,
    {{ crm_id('status_before') }} as status_before,
    {{ crm_id('pipeline_before') }} as pipeline_before,
    {{ crm_id('status_after') }} as status_after,
    {{ crm_id('pipeline_after') }} as pipeline_after,
    {{ crm_id('responsible_before') }} as responsible_before,
    {{ crm_id('responsible_after') }} as responsible_after,
    {{ crm_instant('created_at') }} as created_at,
    _uncast_fields
from parsed
