{{ config(materialized=inlined()) }}

with

amocrm as (

    select
        _source as source,
        entity_id as deal_id,
        created_at as changed_at,
        -- event ids are ULIDs, whose text order is their order
        event_id as change_order,
        pipeline_before as pipeline_id_before,
        status_before as stage_id_before,
        coalesce(pipeline_after, pipeline_before) as pipeline_id,
        status_after as stage_id,
        case status_after when '142' then 'won' when '143' then 'lost' else 'open' end as stage_kind
    from {{ ref('stg_amocrm__events') }}
    where
        not is_deleted
        and event_type = 'lead_status_changed'
        and entity_type in ('lead', 'leads')
        and status_after is not null
        and created_at is not null

)

select
    {{ crm_key('source', 'deal_id') }} as deal_key,
    source,
    changed_at,
    change_order,
    pipeline_id_before,
    stage_id_before,
    pipeline_id,
    stage_id,
    stage_kind
from amocrm
where deal_id is not null
