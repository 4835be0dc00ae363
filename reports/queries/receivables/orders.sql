-- Orders that customers owe for, the longest overdue first.
select
    orders.order_key,
    orders.order_number,
    orders.order_date,
    orders.customer_key,
    customers.customer_name,
    customers.manager_key,
    managers.manager_name,
    orders.amount_base,
    orders.debt_base,
    orders.due_date,
    orders.source_url
from marts.fct_orders as orders
left join marts.dim_customers as customers on customers.customer_key = orders.customer_key
left join marts.dim_managers as managers on managers.manager_key = customers.manager_key
where orders.debt_base > 0
    and orders.order_date <= $as_of
    and ($manager = '' or coalesce(case when orders.customer_key is null then orders.manager_key else customers.manager_key end, 'none') = $manager)
    and coalesce(orders.due_date, $as_of) between $due_from and $due_to
order by orders.due_date, orders.debt_base desc, orders.order_key
limit $limit
