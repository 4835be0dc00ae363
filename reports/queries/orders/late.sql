-- Orders that wait for money or goods past their day, the most money first.
select
    orders.order_number,
    orders.order_date,
    orders.customer_key,
    customers.customer_name,
    orders.manager_key,
    managers.manager_name,
    orders.late_step,
    orders.late_since,
    orders.late_base,
    orders.amount_base,
    orders.source_url
from marts.fct_orders as orders
left join marts.dim_customers as customers on customers.customer_key = orders.customer_key
left join marts.dim_managers as managers on managers.manager_key = orders.manager_key
where orders.late_step is not null
    and ($manager = '' or coalesce(orders.manager_key, 'none') = $manager)
    and ($channel = '' or orders.order_channel = $channel)
order by orders.late_base desc nulls last, orders.late_since, orders.order_key
limit $limit
