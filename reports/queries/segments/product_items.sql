-- The products of one cell by one measure, the largest first; classes as in the matrix.
select
    classed.item_key,
    names.product_name as item_name,
    names.sku,
    names.category,
    classed.value,
    classed.value_share,
    classed.variation
from ({_tried of _product_classes}) as classed
left join marts.dim_products as names on names.product_key = classed.item_key
where classed.abc || classed.xyz = $segment
order by classed.value desc, classed.item_key
limit $limit
