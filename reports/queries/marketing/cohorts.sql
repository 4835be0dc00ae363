-- Cohorts of first deals by month: customers, cost, and revenue and profit gathered by each month of their life.
select
    cohort_month,
    months_since,
    sum(customers) as customers,
    sum(cost) as cost,
    sum(revenue_cumulative) as revenue,
    sum(gross_profit_cumulative) as gross_profit
from marts.cohort_roi
where cohort_month between $from_month and $to_month
    and cost > 0
    and ($channel = '' or coalesce(channel, 'none') = $channel)
group by cohort_month, months_since
order by cohort_month, months_since
