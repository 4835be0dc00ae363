{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('feed', 'stages') }}

)

{{ json_fields('records', {
    'stage_id': 'stage',
    'pipeline_id': 'pipeline',
    'stage_name': 'name',
    'pipeline_name': 'pipeline_name',
    'sort': ['position', 'integer'],
    'stage_kind': 'status',
}) }}
