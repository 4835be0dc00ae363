-- Goods that moved from one class to another between two windows of months, the biggest first.
select
    moved.item_key,
    names.product_name as item_name,
    names.sku,
    names.category,
    moved.value,
    moved.value_before
from ({_moved of _product_sums}) as moved
left join marts.dim_products as names on names.product_key = moved.item_key
where coalesce(moved.was, '0') || coalesce(moved.became, '0') = $move
order by greatest(coalesce(moved.value, 0), coalesce(moved.value_before, 0)) desc, moved.item_key
limit $limit
