{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('creatio', 'opportunity_stages') }}

),

parsed as (

    {{ json_fields('records', {
        'stage_id': 'Id',
        'stage_name': 'Name',
        'position': ['Number', 'integer'],
        'is_end': ['End|IsEnd', 'boolean'],
        'is_successful': ['Successful|IsSuccessful', 'boolean'],
    }) }}
)

select
    parsed._source,
    parsed._key,
    parsed._modified_at,
    parsed._loaded_at,
    parsed._load_id,
    parsed.is_deleted,
    parsed.stage_id,
    cast(null as {{ text_type() }}) as pipeline_id,
    parsed.stage_name,
    cast(null as {{ text_type() }}) as pipeline_name,
    parsed.position as sort,
    case when not coalesce(parsed.is_end, false) then 'open' when parsed.is_successful then 'won' else 'lost' end as stage_kind
from parsed
