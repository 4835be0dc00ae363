-- Goods, not services, of class A or B that no warehouse holds.
select
    products.product_name,
    products.sku,
    products.abc_class,
    sum(stock.quantity) as quantity
from marts.dim_products as products
left join marts.fct_stock as stock on stock.product_key = products.product_key
where products.abc_class in ('A', 'B') and not coalesce(products.is_service, false)
group by products.product_key, products.product_name, products.sku, products.abc_class
having coalesce(sum(stock.quantity), 0) <= 0
order by products.abc_class, products.product_name
limit $limit
