-- Customers who bought less in the last three months than in the three before, the biggest loss first.
select
    turnover.customer_key,
    customers.customer_name,
    managers.manager_name,
    turnover.turnover_3m,
    turnover.turnover_previous_3m,
    turnover.turnover_change,
    turnover.days_since_last_sale
from marts.customer_turnover as turnover
left join marts.dim_customers as customers on customers.customer_key = turnover.customer_key
left join marts.dim_managers as managers on managers.manager_key = customers.manager_key
where turnover.turnover_change < 0
order by turnover.turnover_3m - turnover.turnover_previous_3m, turnover.customer_key
limit $limit
