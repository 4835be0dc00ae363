-- The orders of one deal in the accounting system.
select
    order_key,
    order_number,
    order_date,
    order_status,
    amount_base,
    shipped_base,
    paid_base,
    debt_base,
    due_date,
    source_url
from marts.fct_orders
where deal_key = $deal
    and order_date <= $as_of
order by order_date, order_key
limit 50
