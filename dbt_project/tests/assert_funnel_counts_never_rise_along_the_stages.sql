-- A returned row is a stage of a cohort that more deals reached than an earlier stage of the same pipeline.
with

reached as (

    select
        funnel.cohort_month as cohort_month,
        stages.source as source,
        stages.pipeline_id as pipeline_id,
        stages.stage_position as stage_position,
        sum(funnel.deals_reached) as deals_reached
    from {{ ref('sales_funnel') }} as funnel
    inner join {{ ref('dim_stages') }} as stages on funnel.stage_key = stages.stage_key
    where stages.stage_kind <> 'lost' and stages.stage_position is not null
    group by funnel.cohort_month, stages.source, stages.pipeline_id, stages.stage_position

),

compared as (

    select
        *,
        lag(deals_reached) over (
            partition by cohort_month, source, pipeline_id
            order by stage_position
        ) as reached_before
    from reached
)

select *
from compared
where deals_reached > reached_before
