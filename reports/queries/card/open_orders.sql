-- Orders of one customer that are not over, the newest first.
select
    order_key,
    order_number,
    order_date,
    order_status,
    amount_base,
    shipped_base,
    paid_base,
    source_url,
    deal_key
from marts.fct_orders
where customer_key = $customer
    and order_date <= $as_of
    and not is_cancelled
    and order_status in ('open', 'shipped')
order by order_date desc, order_key
limit 30
