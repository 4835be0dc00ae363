{{ config(materialized=inlined()) }}

with

bitrix24 as (

    select
        _source as source,
        owner_id as deal_id,
        created_at as changed_at,
        {{ id_order('history_id') }} as change_order,
        {{ bitrix24_pipeline('stage_id', 'category_id') }} as pipeline_id,
        stage_id,
        case stage_semantic_id when 'S' then 'won' when 'F' then 'lost' else 'open' end as stage_kind,
        type_id
    from {{ ref('stg_bitrix24__stage_history') }}
    where not is_deleted and entity = 'deal' and stage_id is not null and created_at is not null
)

select
    {{ crm_key('source', 'deal_id') }} as deal_key,
    source,
    changed_at,
    change_order,
    -- a row of type 1 (created) tells the first stage itself; of the others only the stage after the change is known
    case when type_id = 1 then pipeline_id end as pipeline_id_before,
    case when type_id = 1 then stage_id end as stage_id_before,
    pipeline_id,
    stage_id,
    stage_kind
from bitrix24
where deal_id is not null
