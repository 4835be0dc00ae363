-- Customers who will be below their discount tier in a month if they buy nothing more, the biggest part that leaves the window first.
select
    turnover.customer_key,
    customers.customer_name,
    managers.manager_name,
    turnover.tier_name,
    turnover.tier_name_next_month,
    turnover.turnover_3m,
    turnover.leaving_next_month
from marts.customer_turnover as turnover
left join marts.dim_customers as customers on customers.customer_key = turnover.customer_key
left join marts.dim_managers as managers on managers.manager_key = customers.manager_key
where turnover.tier_name is not null
    and (turnover.tier_name_next_month is null or turnover.tier_name_next_month <> turnover.tier_name)
    and turnover.leaving_next_month > 0
order by turnover.leaving_next_month desc, turnover.customer_key
limit $limit
