-- What was sold, earned, received and ordered between two days. Before the first day that is known, and without any, NULL;
-- a day without trade gives 0.
select
    sum(case when date between $from_date and $to_date then revenue else 0 end) as revenue,
    sum(case when date between $from_date and $to_date then gross_profit else 0 end) as gross_profit,
    sum(case when date between $from_date and $to_date then revenue_without_cost else 0 end) as revenue_without_cost,
    sum(case when date between $from_date and $to_date then cash_received else 0 end) as cash_received,
    sum(case when date between $from_date and $to_date then sales_count else 0 end) as sales_count,
    sum(case when date between $from_date and $to_date then orders_count else 0 end) as orders_count,
    sum(case when date between $from_date and $to_date then orders_amount else 0 end) as orders_amount
from marts.revenue_daily
where (select min(date) from marts.revenue_daily) <= $to_date
