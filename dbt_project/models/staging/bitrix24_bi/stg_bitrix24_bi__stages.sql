{{ config(materialized=inlined()) }}
-- The BI connector has no dictionary of stages: a stage is what deals and their history name. Won ones stand behind open ones, lost
-- ones last; among the open ones the stage that deals enter earlier in their way comes first.
with

entered as (

    select
        *,
        {{ cast_as(
            'row_number() over (partition by _source, deal_id order by entered_at, ' ~ id_order('_key') ~ ')', 'bigint'
        ) }} as place
    from {{ ref('stg_bitrix24_bi__deal_stages') }}
    where not is_deleted

),

named as (

    select
        _source,
        _key,
        _loaded_at,
        _load_id,
        pipeline_id,
        pipeline_name,
        stage_id,
        stage_name,
        stage_kind,
        place
    from entered

    union all

    select
        _source,
        _key,
        _loaded_at,
        _load_id,
        pipeline_id,
        pipeline_name,
        stage_id,
        stage_name,
        stage_kind,
        {{ cast_as('null', 'bigint') }} as place
    from {{ ref('stg_bitrix24_bi__deals') }}
    where not is_deleted
)

select
    _source,
    stage_id as _key,
    {{ cast_as('null', 'timestamptz') }} as _modified_at,
    max(_loaded_at) as _loaded_at,
    max(_load_id) as _load_id,
    false as is_deleted,
    stage_id,
    pipeline_id,
    max(stage_name) as stage_name,
    max(pipeline_name) as pipeline_name,
    case max(stage_kind)
        when 'won' then 1000000
        when 'lost' then 2000000
        else {{ cast_as(rounded('100 * coalesce(avg(place), 1)'), 'integer') }}
    end as sort,
    max(stage_kind) as stage_kind
from named
where stage_id is not null
group by _source, pipeline_id, stage_id
