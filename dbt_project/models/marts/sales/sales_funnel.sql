with

deals as (

    select
        *,
        {{ month_start('created_date') }} as cohort_month
    from {{ ref('int_deal_states_as_of') }}

),

stages as (

    select
        *,
        -- a deal has reached at least the first stage
        min(case when stage_kind <> 'lost' then stage_position end) over (partition by source, pipeline_id) as first_position
    from {{ ref('int_stages') }}

),

figures as (

    select
        deals.cohort_month,
        stages.stage_key as stage_key,
        deals.manager_key,
        deals.channel,
        1 as deals_reached,
        deals.amount as amount_reached,
        0 as deals_now,
        0 as amount_now,
        0 as deals_lost,
        0 as stage_entries,
        0.0 as hours_in_stage
    from deals
    inner join stages on deals.source = stages.source and deals.pipeline_id = stages.pipeline_id
    where
        stages.stage_kind <> 'lost'
        and stages.stage_position is not null
        and (
            deals.deal_status = 'won'
            or stages.stage_position <= coalesce(deals.highest_position, stages.first_position)
            or stages.stage_position = stages.first_position
        )

    union all

    -- into which lost stage they went
    select
        cohort_month,
        stage_key,
        manager_key,
        channel,
        1 as deals_reached,
        amount as amount_reached,
        0 as deals_now,
        0 as amount_now,
        0 as deals_lost,
        0 as stage_entries,
        0.0 as hours_in_stage
    from deals
    where deal_status = 'lost'

    union all

    -- the open funnel
    select
        cohort_month,
        stage_key,
        manager_key,
        channel,
        0 as deals_reached,
        0 as amount_reached,
        1 as deals_now,
        amount as amount_now,
        0 as deals_lost,
        0 as stage_entries,
        0.0 as hours_in_stage
    from deals
    where deal_status = 'open'

    union all

    -- where they were lost
    select
        cohort_month,
        last_open_stage_key as stage_key,
        manager_key,
        channel,
        0 as deals_reached,
        0 as amount_reached,
        0 as deals_now,
        0 as amount_now,
        1 as deals_lost,
        0 as stage_entries,
        0.0 as hours_in_stage
    from deals
    where deal_status = 'lost'

    union all

    select
        deals.cohort_month,
        entries.stage_key as stage_key,
        deals.manager_key,
        deals.channel,
        0 as deals_reached,
        0 as amount_reached,
        0 as deals_now,
        0 as amount_now,
        0 as deals_lost,
        1 as stage_entries,
        coalesce(entries.hours_in_stage, 0) as hours_in_stage
    from deals
    inner join {{ ref('int_deal_stage_entries_as_of') }} as entries
        on deals.deal_key = entries.deal_key and deals.pipeline_id = entries.pipeline_id
)

select
    figures.cohort_month,
    stages.source,
    stages.pipeline_name,
    figures.stage_key,
    stages.stage_name,
    stages.stage_position,
    stages.stage_kind,
    figures.manager_key,
    figures.channel,
    {{ cast_as('sum(figures.deals_reached)', 'bigint') }} as deals_reached,
    {{ round_money('sum(figures.amount_reached)') }} as amount_reached,
    {{ cast_as('sum(figures.deals_now)', 'bigint') }} as deals_now,
    {{ round_money('sum(figures.amount_now)') }} as amount_now,
    {{ cast_as('sum(figures.deals_lost)', 'bigint') }} as deals_lost,
    {{ cast_as('sum(figures.stage_entries)', 'bigint') }} as stage_entries,
    {{ steady_sum('figures.hours_in_stage') }} as hours_in_stage
from figures
inner join stages on figures.stage_key = stages.stage_key
group by
    figures.cohort_month,
    stages.source,
    stages.pipeline_name,
    figures.stage_key,
    stages.stage_name,
    stages.stage_position,
    stages.stage_kind,
    figures.manager_key,
    figures.channel
having
    sum(figures.deals_reached) <> 0
    or sum(figures.amount_reached) <> 0
    or sum(figures.deals_now) <> 0
    or sum(figures.deals_lost) <> 0
    or sum(figures.stage_entries) <> 0
    or sum(figures.hours_in_stage) <> 0
