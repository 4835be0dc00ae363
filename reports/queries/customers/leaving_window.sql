-- Customers with a discount tier whose turnover loses purchases of the oldest month next month, the biggest part first.
select
    turnover.customer_key,
    customers.customer_name,
    managers.manager_name,
    turnover.tier_name,
    turnover.turnover_3m,
    turnover.leaving_next_month
from marts.customer_turnover as turnover
left join marts.dim_customers as customers on customers.customer_key = turnover.customer_key
left join marts.dim_managers as managers on managers.manager_key = customers.manager_key
where turnover.tier_name is not null
    and turnover.leaving_next_month > 0
order by turnover.leaving_next_month desc, turnover.customer_key
limit $limit
