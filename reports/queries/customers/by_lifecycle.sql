-- Customers in one state of life, such as sleeping, by what they have ever brought.
select
    customers.customer_key,
    customers.customer_name,
    managers.manager_name,
    customers.last_sale_date,
    customers.revenue_base,
    customers.phone
from marts.dim_customers as customers
left join marts.dim_managers as managers on managers.manager_key = customers.manager_key
where customers.lifecycle = $lifecycle
order by customers.revenue_base desc nulls last, customers.customer_key
limit $limit
