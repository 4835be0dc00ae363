{{ config(materialized=inlined()) }}
{{ feed_stage_records('freshoffice') }}

union all

-- No list tells the statuses of a type of deals (crm.md 3.2): those that its deals have, in the order of their numbers.
select distinct
    deals._source as source,
    coalesce(deals.pipeline_id, 'main') as pipeline_id,
    cast(null as {{ text_type() }}) as pipeline_name,
    deals.stage_id as stage_id,
    deals.stage_id as stage_name,
    {{ safe_cast('deals.stage_id', 'integer') }} as sort,
    deals.stage_kind as stage_kind,
    false as is_unsorted
from {{ ref('stg_freshoffice__deals') }} as deals
left join {{ ref('stg_freshoffice__stages') }} as stages
    on
        deals._source = stages._source
        and deals.stage_id = stages.stage_id
        and coalesce(deals.pipeline_id, 'main') = coalesce(stages.pipeline_id, 'main')
        and not stages.is_deleted
where not deals.is_deleted and deals.stage_kind = 'open' and stages.stage_id is null
