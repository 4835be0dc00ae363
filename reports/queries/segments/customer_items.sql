-- The customers of one cell by one measure, the largest first; classes as in the matrix.
select
    classed.item_key,
    names.customer_name as item_name,
    names.manager_key,
    managers.manager_name,
    classed.value,
    classed.value_share,
    classed.variation
from ({_tried of _customer_classes}) as classed
left join marts.dim_customers as names on names.customer_key = classed.item_key
left join marts.dim_managers as managers on managers.manager_key = names.manager_key
where classed.abc || classed.xyz = $segment
order by classed.value desc, classed.item_key
limit $limit
