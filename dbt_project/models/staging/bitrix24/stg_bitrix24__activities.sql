{{ config(materialized='incremental') }}

with records as (
    select *
    from {{ source('bitrix24', 'activities') }}
    {{ new_loads() }}
),

parsed as (
    {{ json_fields('records', {
        'activity_id': 'ID|id',
        'owner_type_id': 'OWNER_TYPE_ID|ownerTypeId',
        'owner_id': 'OWNER_ID|ownerId',
        'type_id': 'TYPE_ID|typeId',
        'provider_id': 'PROVIDER_ID|providerId',
        'direction': 'DIRECTION|direction',
        'responsible_id': 'RESPONSIBLE_ID|responsibleId',
        'author_id': 'AUTHOR_ID|authorId',
        'is_automatic': ['SETTINGS.IS_AUTOMATIC|settings.IS_AUTOMATIC', 'boolean'],
        'is_completed': ['COMPLETED|completed', 'boolean'],
        'created_at': ['CREATED|created', 'instant'],
        'updated_at': ['LAST_UPDATED|lastUpdated', 'instant'],
        'starts_at': ['START_TIME|startTime', 'instant'],
        'ends_at': ['END_TIME|endTime', 'instant'],
        'due_at': ['DEADLINE|deadline', 'instant'],
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    activity_id,
    owner_type_id,
    {{ crm_id('owner_id') }} as owner_id,
    type_id,
    provider_id,
    direction,
    {{ crm_id('responsible_id') }} as responsible_id,
    {{ crm_id('author_id') }} as author_id,
    coalesce(is_automatic, false) as is_automatic,
    is_completed,
    created_at,
    updated_at,
    starts_at,
    ends_at,
    due_at,
    _uncast_fields
from parsed
