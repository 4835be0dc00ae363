select
    {{ month_start('order_date') }} as month,
    manager_key,
    order_channel,
    count(*) as orders,
    {{ median('days_to_shipment') }} as days_to_shipment,
    {{ median('days_to_payment') }} as days_to_payment
from {{ ref('fct_orders') }}
where
    is_order
    and order_date <= {{ as_of_date() }}
    and (first_shipped_date is not null or paid_date is not null)
group by {{ month_start('order_date') }}, manager_key, order_channel
