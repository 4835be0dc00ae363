-- The managers who have orders.
select distinct
    orders.manager_key,
    managers.manager_name
from marts.fct_orders as orders
left join marts.dim_managers as managers on managers.manager_key = orders.manager_key
where orders.is_order
order by managers.manager_name, orders.manager_key
