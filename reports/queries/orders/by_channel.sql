-- Orders placed between two days by the way they came in: the middle one's days, and what three of four do not exceed.
select
    order_channel,
    count(*) as orders,
    sum(amount_base) as amount,
    percentile_cont(0.5) within group (order by days_to_shipment) as days_to_shipment,
    percentile_cont(0.75) within group (order by days_to_shipment) as days_to_shipment_p,
    percentile_cont(0.5) within group (order by days_to_payment) as days_to_payment,
    percentile_cont(0.75) within group (order by days_to_payment) as days_to_payment_p
from marts.fct_orders
where order_date between $from_date and $to_date
    and is_order
    and ($manager = '' or coalesce(manager_key, 'none') = $manager)
    and ($channel = '' or order_channel = $channel)
group by order_channel
order by orders desc, order_channel
