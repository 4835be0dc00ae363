-- The unit price, VAT included, that one customer paid last for some products.
select
    product_key,
    price
from (
    select
        product_key,
        revenue_base / nullif(quantity, 0) as price,
        row_number() over (partition by product_key order by sale_date desc, sale_key desc) as newest
    from marts.fct_sales
    where customer_key = $customer
        and product_key = any($products)
        and sale_date <= $as_of
        and not is_return
        and quantity > 0
) as paid
where newest = 1
