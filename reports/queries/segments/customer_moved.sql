-- Customers that moved from one class to another between two windows of months, the biggest first.
select
    moved.item_key,
    names.customer_name as item_name,
    names.manager_key,
    managers.manager_name,
    moved.value,
    moved.value_before
from ({_moved of _customer_sums}) as moved
left join marts.dim_customers as names on names.customer_key = moved.item_key
left join marts.dim_managers as managers on managers.manager_key = names.manager_key
where coalesce(moved.was, '0') || coalesce(moved.became, '0') = $move
order by greatest(coalesce(moved.value, 0), coalesce(moved.value_before, 0)) desc, moved.item_key
limit $limit
