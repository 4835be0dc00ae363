-- What all warehouses together hold of some products.
select
    product_key,
    sum(quantity) as quantity
from marts.fct_stock
where product_key = any($products)
group by product_key
