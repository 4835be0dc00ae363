-- The money of one deal: payments that name it or one of its orders, the newest first.
select
    payment_key,
    payment_date,
    payment_method,
    direction,
    amount_base,
    order_key
from marts.fct_payments
where (deal_key = $deal or order_key = any($orders))
    and payment_date <= $as_of
order by payment_date desc, payment_key
limit 50
