-- What is sold together with some products oftener than by chance, the most frequent first.
select
    pairs.product_key as to_product_key,
    others.product_name as to_product_name,
    pairs.other_product_key as product_key,
    products.product_name as product_name,
    products.sku as sku,
    products.is_service as is_service,
    pairs.confidence as confidence
from marts.product_affinity as pairs
left join marts.dim_products as products on products.product_key = pairs.other_product_key
left join marts.dim_products as others on others.product_key = pairs.product_key
where pairs.product_key = any($products)
    and pairs.lift > 1
order by pairs.confidence desc, pairs.lift desc, pairs.other_product_key, pairs.product_key
