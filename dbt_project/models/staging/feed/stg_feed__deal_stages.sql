{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('feed', 'deal_stages') }}

)

{{ json_fields('records', {
    'deal_id': 'deal_id',
    'entered_at': ['entered_at', 'instant'],
    'pipeline_id': 'pipeline',
    'stage_id': 'stage',
    'stage_kind': 'status',
    'manager_id': 'manager_id',
}) }}
