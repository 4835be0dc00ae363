-- How fast a pipeline turns deals into money, by the month in which they closed. Velocity = deals in work × won rate × average won amount /
-- median cycle, the usual formula: it compares months. It is the money of a day only where a cycle is longer than the month: else the
-- deals in work of a month are several fillings of the pipeline.
with

deals as (

    select
        source,
        pipeline_name,
        deal_key,
        deal_status,
        created_date,
        closed_date,
        amount,
        {{ days_between('created_date', 'closed_date') }} as cycle_days
    from {{ ref('int_deal_states_as_of') }}

),

closed as (

    select
        source,
        pipeline_name,
        {{ month_start('closed_date') }} as month,
        count(*) as deals_closed,
        sum(case when deal_status = 'won' then 1 else 0 end) as deals_won,
        sum(case when deal_status = 'lost' then 1 else 0 end) as deals_lost,
        sum(case when deal_status = 'won' then amount else 0 end) as won_amount,
        -- a deal closed before it was created says nothing about time
        {{ median("case when deal_status = 'won' and cycle_days >= 0 then cycle_days end") }} as cycle_days_median,
        {{ quantile("case when deal_status = 'won' and cycle_days >= 0 then cycle_days end", 0.75) }} as cycle_days_p75
    from deals
    where deal_status <> 'open' and closed_date is not null
    group by source, pipeline_name, {{ month_start('closed_date') }}

),

in_work as (

    select
        closed.source,
        closed.pipeline_name,
        closed.month,
        count(*) as deals_in_work
    from closed
    inner join deals
        on
            closed.source = deals.source
            and {{ same_value('closed.pipeline_name', 'deals.pipeline_name') }}
            and {{ add_months('closed.month', 1) }} > deals.created_date
            and (deals.deal_status = 'open' or closed.month <= deals.closed_date)
    group by closed.source, closed.pipeline_name, closed.month

)

select
    closed.month,
    closed.source,
    closed.pipeline_name,
    {{ cast_as('coalesce(in_work.deals_in_work, 0)', 'bigint') }} as deals_in_work,
    {{ cast_as('closed.deals_won', 'bigint') }} as deals_won,
    {{ cast_as('closed.deals_lost', 'bigint') }} as deals_lost,
    {{ ratio('closed.deals_won', 'closed.deals_closed') }} as win_rate,
    {{ cast_as('closed.won_amount', 'decimal(18,2)') }} as won_amount,
    {{ round_quotient(ratio('closed.won_amount', 'closed.deals_won')) }} as average_won_amount,
    closed.cycle_days_median,
    closed.cycle_days_p75,
    -- won on the day of creation counts as a day
    {{ round_quotient(
        ratio('in_work.deals_in_work', '1') ~ ' * ' ~ ratio('closed.deals_won', 'closed.deals_closed')
        ~ ' * ' ~ ratio('closed.won_amount', 'closed.deals_won') ~ ' / greatest(closed.cycle_days_median, 1.0)'
    ) }} as sales_velocity
from closed
-- a deal closed before it was created was never in work
left join in_work
    on
        closed.source = in_work.source
        and {{ same_value('closed.pipeline_name', 'in_work.pipeline_name') }}
        and closed.month = in_work.month
