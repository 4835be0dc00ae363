-- The cards of some orders in the accounting system.
select
    order_key,
    source_url
from marts.fct_orders
where order_key = any($orders)
