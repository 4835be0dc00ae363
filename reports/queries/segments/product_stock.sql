-- What lies in stock of the goods of each class by revenue, at cost.
select
    products.abc_class as abc,
    products.xyz_class as xyz,
    sum(stock.stock_cost) as stock_cost
from marts.stock_turnover as stock
inner join marts.dim_products as products on products.product_key = stock.product_key
where products.abc_class is not null and stock.on_hand > 0
group by products.abc_class, products.xyz_class
