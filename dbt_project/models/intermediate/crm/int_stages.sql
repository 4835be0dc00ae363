{% set columns = ['source', 'pipeline_id', 'pipeline_name', 'stage_id', 'stage_name', 'sort', 'stage_kind', 'is_unsorted'] -%}

with

dictionary as (

    {{ union_of('int_stage_records', columns) }}

),

listed as (

    select
        *,
        row_number() over (partition by source, pipeline_id, stage_id order by sort, stage_name) as place
    from dictionary
    where pipeline_id is not null and stage_id is not null

),

numbered as (

    select
        *,
        row_number() over (
            partition by source, pipeline_id
            order by sort, {{ id_order('stage_id') }}
        ) as stage_position
    from listed
    where place = 1

),

changed as (

    select
        source,
        pipeline_id_before,
        stage_id_before,
        pipeline_id,
        stage_id,
        stage_kind
    from {{ ref('int_deal_stage_changes') }}
    group by source, pipeline_id_before, stage_id_before, pipeline_id, stage_id, stage_kind

),

seen as (

    -- stages that records name and no dictionary lists any more
    select
        source,
        pipeline_id,
        stage_id,
        stage_kind
    from {{ ref('int_deal_records') }}

    union all

    select
        source,
        pipeline_id,
        stage_id,
        stage_kind
    from changed

    union all

    select
        source,
        pipeline_id_before as pipeline_id,
        stage_id_before as stage_id,
        case stage_id_before when '142' then 'won' when '143' then 'lost' else 'open' end as stage_kind
    from changed

),

missing as (

    select
        seen.source,
        seen.pipeline_id,
        seen.stage_id,
        max(seen.stage_kind) as stage_kind
    from seen
    left join numbered
        on
            seen.source = numbered.source
            and seen.pipeline_id = numbered.pipeline_id
            and seen.stage_id = numbered.stage_id
    where
        seen.pipeline_id is not null
        and seen.stage_id is not null
        and numbered.stage_id is null
    group by seen.source, seen.pipeline_id, seen.stage_id

),

pipelines as (

    select
        source,
        pipeline_id,
        max(pipeline_name) as pipeline_name
    from numbered
    group by source, pipeline_id
)

select
    source || ':' || pipeline_id || ':' || stage_id as stage_key,
    source,
    pipeline_id,
    coalesce(pipeline_name, pipeline_id) as pipeline_name,
    stage_id,
    coalesce(stage_name, stage_id) as stage_name,
    {{ cast_as('stage_position', 'integer') }} as stage_position,
    stage_kind,
    is_unsorted
from numbered

union all

select
    missing.source || ':' || missing.pipeline_id || ':' || missing.stage_id as stage_key,
    missing.source,
    missing.pipeline_id,
    coalesce(pipelines.pipeline_name, missing.pipeline_id) as pipeline_name,
    missing.stage_id,
    missing.stage_id as stage_name,
    {{ cast_as('null', 'integer') }} as stage_position,
    missing.stage_kind,
    false as is_unsorted
from missing
left join pipelines on missing.source = pipelines.source and missing.pipeline_id = pipelines.pipeline_id
