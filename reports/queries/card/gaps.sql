-- Usual goods of one customer that it has not bought this time, the most expected revenue first.
select
    gaps.product_key,
    products.product_name,
    products.sku,
    products.unit,
    products.is_service,
    gaps.usual_quantity,
    gaps.usual_interval_days,
    gaps.last_sale_date,
    gaps.days_overdue,
    gaps.expected_revenue,
    gaps.has_open_order
from marts.customer_basket_gaps as gaps
left join marts.dim_products as products on products.product_key = gaps.product_key
where gaps.customer_key = $customer
    and not gaps.in_open_order
order by gaps.expected_revenue desc nulls last, gaps.product_key
limit 50
