-- A returned row is a source whose funnel counts other deals than were created by as_of: at the first stages, and as won, lost or open.
with

stages as (

    select
        stage_key,
        source,
        stage_kind,
        stage_position = min(case when stage_kind <> 'lost' then stage_position end) over (partition by source, pipeline_id) as is_first
    from {{ ref('dim_stages') }}
    where source || ':' || pipeline_id in (
        select source || ':' || pipeline_id
        from {{ ref('dim_stages') }}
        where stage_position is not null and stage_kind <> 'lost'
    )

),

counted as (

    select
        stages.source as source,
        sum(case when stages.is_first then funnel.deals_reached else 0 end) as deals_at_first_stages,
        sum(funnel.deals_now) as deals_open,
        sum(case when stages.stage_kind = 'lost' then funnel.deals_reached else 0 end) as deals_into_lost_stages,
        sum(funnel.deals_lost) as deals_lost
    from {{ ref('sales_funnel') }} as funnel
    inner join stages on funnel.stage_key = stages.stage_key
    group by stages.source

),

created as (

    select
        states.source,
        count(*) as deals,
        sum(case when states.deal_status = 'open' then 1 else 0 end) as deals_open,
        sum(case when states.deal_status = 'lost' then 1 else 0 end) as deals_lost
    from {{ ref('int_deal_states_as_of') }} as states
    -- a pipeline that no dictionary lists has no order of stages to reach
    where states.source || ':' || states.pipeline_id in (
        select source || ':' || pipeline_id
        from {{ ref('dim_stages') }}
        where stage_position is not null and stage_kind <> 'lost'
    )
    group by states.source
)

select
    created.*,
    counted.deals_at_first_stages,
    counted.deals_open as counted_open,
    counted.deals_into_lost_stages,
    counted.deals_lost as counted_lost
from created
left join counted on created.source = counted.source
where
    counted.source is null
    or created.deals > counted.deals_at_first_stages
    or created.deals_open > counted.deals_open
    or created.deals_lost > counted.deals_lost
    or counted.deals_into_lost_stages <> counted.deals_lost
