-- Revenue by manager between two days; sales without a manager are one row with an empty name.
select
    sales.manager_key,
    managers.manager_name,
    sum(sales.revenue) as revenue,
    sum(sales.gross_profit) as gross_profit,
    sum(sales.cash_received) as cash_received,
    sum(sales.sales_count) as sales_count
from marts.revenue_daily as sales
left join marts.dim_managers as managers on managers.manager_key = sales.manager_key
where sales.date between $from_date and $to_date
group by sales.manager_key, managers.manager_name
order by revenue desc nulls last, managers.manager_name
