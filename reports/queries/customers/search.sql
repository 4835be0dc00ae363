-- Customers whose name, tax id or phone holds up to three pieces of text, those who brought most first.
select
    customers.customer_key,
    customers.customer_name,
    customers.tax_id,
    customers.phone,
    customers.city,
    customers.lifecycle,
    customers.last_sale_date,
    customers.revenue_base,
    customers.manager_key,
    managers.manager_name
from marts.dim_customers as customers
left join marts.dim_managers as managers on managers.manager_key = customers.manager_key
where contains(customers.search_text, $first)
    and contains(customers.search_text, $second)
    and contains(customers.search_text, $third)
order by customers.revenue_base desc nulls last, customers.customer_key
limit $limit
