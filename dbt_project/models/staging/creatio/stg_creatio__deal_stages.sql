{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('creatio', 'opportunity_stage_history') }}

),

parsed as (

    {{ json_fields('records', {
        'deal_id': ['OpportunityId', 'ref'],
        'entered_at': ['StartDate', 'instant'],
        'stage_id': ['StageId', 'ref'],
        'owner_id': ['OwnerId', 'ref'],
    }) }}
)

select
    parsed._source,
    parsed._key,
    parsed._modified_at,
    parsed._loaded_at,
    parsed._load_id,
    parsed.is_deleted,
    parsed.deal_id,
    parsed.entered_at,
    cast(null as {{ text_type() }}) as pipeline_id,
    parsed.stage_id,
    cast(null as {{ text_type() }}) as stage_kind,
    parsed.owner_id as manager_id
from parsed
