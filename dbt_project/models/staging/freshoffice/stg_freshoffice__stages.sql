{{ config(materialized=inlined()) }}
-- Types of deals. Where deals carry a status beside their type, the type is their pipeline and statuses name themselves.
with

records as (

    select * from {{ source('freshoffice', 'deal_types') }}

),

parsed as (

    {{ json_fields('records', {
        'stage_id': 'ID_TYPE_DEAL|id|ID',
        'stage_name': 'TYPE_DEAL|name|NAME',
        'sort': ['ID_TYPE_DEAL|sort|id|ID', 'integer'],
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    stage_id,
    cast(null as {{ text_type() }}) as pipeline_id,
    stage_name,
    cast(null as {{ text_type() }}) as pipeline_name,
    sort,
    {{ freshoffice_stage_kind('stage_id') }} as stage_kind
from parsed
