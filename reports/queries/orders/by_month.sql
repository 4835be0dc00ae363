-- Middle days from an order to its first shipment and to its full payment, by month of order.
select
    extract(year from order_date) as order_year,
    extract(month from order_date) as order_month,
    count(*) as orders,
    percentile_cont(0.5) within group (order by days_to_shipment) as days_to_shipment,
    percentile_cont(0.5) within group (order by days_to_payment) as days_to_payment
from marts.fct_orders
where order_date between $from_date and $to_date
    and is_order
    and ($manager = '' or coalesce(manager_key, 'none') = $manager)
    and ($channel = '' or order_channel = $channel)
group by order_year, order_month
order by order_year, order_month
