-- Orders placed between two days: how many, for how much, cancelled ones, and the middle days to the first shipment and to full payment.
select
    count(*) as orders,
    sum(amount_base) as amount,
    sum(case when is_cancelled then 1 else 0 end) as orders_cancelled,
    percentile_cont(0.5) within group (order by days_to_shipment) as days_to_shipment,
    percentile_cont(0.5) within group (order by days_to_payment) as days_to_payment
from marts.fct_orders
where order_date between $from_date and $to_date
    and is_order
    and ($manager = '' or coalesce(manager_key, 'none') = $manager)
    and ($channel = '' or order_channel = $channel)
