-- Customers' money beyond their debts, the biggest first; advance_all is that of all of them, however few rows are asked for.
select
    advances.customer_key,
    customers.customer_name,
    customers.manager_key,
    managers.manager_name,
    advances.advance,
    sum(advances.advance) over () as advance_all
from marts.customer_advances as advances
left join marts.dim_customers as customers on customers.customer_key = advances.customer_key
left join marts.dim_managers as managers on managers.manager_key = customers.manager_key
where advances.advance > 0
    and ($manager = '' or coalesce(customers.manager_key, 'none') = $manager)
order by advances.advance desc, advances.customer_key
limit $limit
