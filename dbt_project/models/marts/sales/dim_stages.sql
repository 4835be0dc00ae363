{{ config(materialized=read_through()) }}

select
    stage_key,
    source,
    pipeline_id,
    pipeline_name,
    stage_id,
    stage_name,
    stage_position,
    stage_kind
from {{ ref('int_stages') }}
