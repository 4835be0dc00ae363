-- A returned customer's debts minus its advance are not what was shipped minus what was paid. Only customers with everything in the company
-- currency are compared: elsewhere debts are shown at the order's rate and money at its own. Money that names an order is of its customer,
-- whoever paid, and of nobody's where the order has none.
with

orders as (

    select
        settlements.customer_key,
        sum(settlements.shipped) as shipped,
        sum(settlements.debt) as debt,
        min(case when settlements.currency_code = '{{ var("base_currency") }}' then 1 else 0 end) as is_base
    from {{ ref('int_order_settlements') }} as settlements
    where settlements.customer_key is not null
    group by settlements.customer_key

),

money as (

    select
        case when orders.order_key is null then payments.customer_key else orders.customer_key end as customer_key,
        sum(payments.amount_base) as paid,
        min(case when payments.currency_code = '{{ var("base_currency") }}' then 1 else 0 end) as is_base
    from {{ ref('int_customer_money') }} as payments
    left join {{ ref('int_orders') }} as orders on payments.order_key = orders.order_key
    group by case when orders.order_key is null then payments.customer_key else orders.customer_key end

)

select
    orders.customer_key,
    orders.debt - coalesce(advances.advance, 0) as debts_less_advance,
    orders.shipped - coalesce(money.paid, 0) as balance
from orders
left join money on orders.customer_key = money.customer_key
left join {{ ref('int_customer_advances') }} as advances on orders.customer_key = advances.customer_key
where
    orders.is_base = 1
    and coalesce(money.is_base, 1) = 1
    and orders.debt - coalesce(advances.advance, 0) <> orders.shipped - coalesce(money.paid, 0)
