-- Revenue, profit and money received by day, for every day that had any.
select
    date,
    sum(revenue) as revenue,
    sum(gross_profit) as gross_profit,
    sum(cash_received) as cash_received
from marts.revenue_daily
where date between $from_date and $to_date
group by date
order by date
