with

entries as (

    select
        entries.*,
        deals.manager_key,
        deals.channel
    from {{ ref('int_deal_stage_entries_as_of') }} as entries
    inner join {{ ref('int_deals') }} as deals on entries.deal_key = deals.deal_key

),

figures as (

    select
        {{ month_start(business_date('entered_at')) }} as passed_month,
        stage_key,
        manager_key,
        channel,
        1 as entries,
        0 as exits_forward,
        0 as exits_lost,
        0.0 as hours_in_stage
    from entries

    union all

    select
        {{ month_start(business_date('left_at')) }} as passed_month,
        stage_key,
        manager_key,
        channel,
        0 as entries,
        case when is_exit_forward then 1 else 0 end as exits_forward,
        case when is_exit_lost then 1 else 0 end as exits_lost,
        coalesce(hours_in_stage, 0) as hours_in_stage
    from entries
    where left_at is not null
)

select
    figures.passed_month,
    stages.source,
    stages.pipeline_name,
    figures.stage_key,
    stages.stage_position,
    figures.manager_key,
    figures.channel,
    {{ cast_as('sum(figures.entries)', 'bigint') }} as entries,
    {{ cast_as('sum(figures.exits_forward)', 'bigint') }} as exits_forward,
    {{ cast_as('sum(figures.exits_lost)', 'bigint') }} as exits_lost,
    {{ steady_sum('figures.hours_in_stage') }} as hours_in_stage
from figures
inner join {{ ref('int_stages') }} as stages on figures.stage_key = stages.stage_key
group by
    figures.passed_month,
    stages.source,
    stages.pipeline_name,
    figures.stage_key,
    stages.stage_position,
    figures.manager_key,
    figures.channel
having
    sum(figures.entries) <> 0
    or sum(figures.exits_forward) <> 0
    or sum(figures.exits_lost) <> 0
    or sum(figures.hours_in_stage) <> 0
