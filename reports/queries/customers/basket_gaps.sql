-- Usual goods that customers have not bought in time, the most expected revenue first.
select
    gaps.customer_key,
    customers.customer_name,
    managers.manager_name,
    products.product_name,
    gaps.days_overdue,
    gaps.expected_revenue,
    gaps.in_stock
from marts.customer_basket_gaps as gaps
left join marts.dim_customers as customers on customers.customer_key = gaps.customer_key
left join marts.dim_managers as managers on managers.manager_key = customers.manager_key
left join marts.dim_products as products on products.product_key = gaps.product_key
where gaps.days_overdue > 0
order by gaps.expected_revenue desc nulls last, gaps.customer_key, gaps.product_key
limit $limit
