with

running_payments as (

    select
        order_key,
        payment_date,
        sum(settled) over (
            partition by order_key order by payment_date, payment_key rows between unbounded preceding and current row
        ) as paid_to
    from {{ ref('int_order_payments') }}

),

paid_in_full as (

    select
        orders.order_key,
        min(payments.payment_date) as paid_date
    from {{ ref('fct_orders') }} as orders
    inner join running_payments as payments on orders.order_key = payments.order_key and orders.amount <= payments.paid_to
    where orders.amount > 0
    group by orders.order_key

),

orders as (

    select
        {{ month_start('orders.order_date') }} as month,
        orders.manager_key,
        orders.order_channel,
        {{ days_between('orders.order_date', 'orders.first_shipped_date') }} as days_to_shipment,
        {{ days_between('orders.order_date', 'paid_in_full.paid_date') }} as days_to_payment
    from {{ ref('fct_orders') }} as orders
    left join paid_in_full on orders.order_key = paid_in_full.order_key
    where
        orders.is_order
        and orders.order_date <= {{ as_of_date() }}
        and (orders.first_shipped_date is not null or paid_in_full.paid_date is not null)

)

select
    month,
    manager_key,
    order_channel,
    count(*) as orders,
    {{ median('days_to_shipment') }} as days_to_shipment,
    {{ median('days_to_payment') }} as days_to_payment
from orders
group by month, manager_key, order_channel
