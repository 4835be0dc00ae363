-- The ways in which orders came in.
select distinct order_channel
from marts.fct_orders
where is_order
order by order_channel
