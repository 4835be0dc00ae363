-- How fast one pipeline turned deals into money, by the month in which they closed.
select
    month,
    deals_in_work,
    deals_won,
    deals_lost,
    win_rate,
    won_amount,
    average_won_amount,
    cycle_days_median,
    cycle_days_p75,
    sales_velocity
from marts.deal_velocity
where source = $source
    and coalesce(pipeline_name, '') = $pipeline
    and month between $from_month and $to_month
order by month
