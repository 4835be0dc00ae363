-- Which money paid which order, and when, by as_of. A payment that names no order is cut at the borders of the debts it filled:
-- both are laid end to end per customer and currency, oldest first, and every overlap is one row.
with

loose as (

    select
        customer_key,
        currency_code,
        payment_key,
        payment_date,
        settled,
        sum(settled) over (
            partition by customer_key, currency_code order by payment_date, payment_key rows between unbounded preceding and current row
        ) as filled_to
    from {{ ref('int_customer_money') }}
    where order_key is null and customer_key is not null and settled > 0

),

debts as (

    select
        customer_key,
        currency_code,
        order_key,
        allotted_same_currency as settled,
        sum(allotted_same_currency) over (
            partition by customer_key, currency_code order by debt_date, order_key rows between unbounded preceding and current row
        ) as filled_to
    from {{ ref('int_order_settlements') }}
    where allotted_same_currency > 0

),

paid as (

    select
        order_key,
        payment_key,
        payment_date,
        settled
    from {{ ref('int_customer_money') }}
    where order_key is not null

    union all

    select
        debts.order_key,
        loose.payment_key,
        loose.payment_date,
        least(loose.filled_to, debts.filled_to)
        - greatest(loose.filled_to - loose.settled, debts.filled_to - debts.settled) as settled
    from debts
    inner join loose
        on
            debts.customer_key = loose.customer_key
            and debts.currency_code = loose.currency_code
            and loose.filled_to > debts.filled_to - debts.settled
            and loose.filled_to - loose.settled < debts.filled_to

)

select
    order_key,
    payment_key,
    payment_date,
    settled,
    sum(settled) over (
        partition by order_key order by payment_date, payment_key rows between unbounded preceding and current row
    ) as paid_to
from paid
