{{ config(materialized=inlined()) }}

with

amocrm_statuses as (

    {{ explode_json(ref('stg_amocrm__pipelines'), 'statuses', {
        'stage_id': 'id',
        'stage_name': 'name',
        'sort': ['sort', 'integer'],
        'stage_type': 'type',
    }, ['_source', 'pipeline_id', 'pipeline_name', 'is_deleted']) }}

)

select
    _source as source,
    pipeline_id,
    pipeline_name,
    stage_id,
    stage_name,
    sort,
    -- 142 and 143 mean the same in every pipeline, however they are called there
    case stage_id when '142' then 'won' when '143' then 'lost' else 'open' end as stage_kind,
    -- «Неразобранное»: enquiries that nobody has accepted yet
    coalesce(stage_type = '1', false) as is_unsorted
from amocrm_statuses
where not is_deleted
