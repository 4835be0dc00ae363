{{ config(materialized='incremental') }}

with records as (
    select *
    from {{ source('bitrix24', 'stage_history') }}
    {{ new_loads() }}
),

parsed as (
    {{ json_fields('records', {
        'history_id': 'ID|id',
        'entity': '_entity',
        'type_id': ['TYPE_ID|typeId', 'integer'],
        'owner_id': 'OWNER_ID|ownerId',
        'category_id': 'CATEGORY_ID|categoryId',
        'stage_id': 'STAGE_ID|stageId|STATUS_ID|statusId',
        'stage_semantic_id': 'STAGE_SEMANTIC_ID|stageSemanticId|STATUS_SEMANTIC_ID|statusSemanticId',
        'created_at': ['CREATED_TIME|createdTime', 'instant'],
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    history_id,
    entity,
    type_id,
    {{ crm_id('owner_id') }} as owner_id,
    category_id,
    stage_id,
    {{ upper_case('stage_semantic_id') }} as stage_semantic_id,
    created_at,
    _uncast_fields
from parsed
