-- A returned figure of revenue_daily is not the sum of the facts behind it.
with

days as (

    select
        sum(revenue) as revenue,
        sum(cash_received) as cash_received,
        sum(orders_amount) as orders_amount
    from {{ ref('revenue_daily') }}

),

facts as (

    select
        (
            select sum(revenue_base)
            from {{ ref('fct_sales') }}
            where sale_date <= {{ as_of_date() }}
        ) as revenue,
        (
            select sum(amount_base)
            from {{ ref('fct_payments') }}
            where payment_date <= {{ as_of_date() }}
        ) as cash_received,
        (
            select sum(amount_base)
            from {{ ref('fct_orders') }}
            where is_order and not is_cancelled and order_date <= {{ as_of_date() }}
        ) as orders_amount

)

select
    days.*,
    facts.revenue as sales_revenue,
    facts.cash_received as payments_received,
    facts.orders_amount as orders_sum
from days
cross join facts
where
    coalesce(days.revenue, 0) <> coalesce(facts.revenue, 0)
    or coalesce(days.cash_received, 0) <> coalesce(facts.cash_received, 0)
    or coalesce(days.orders_amount, 0) <> coalesce(facts.orders_amount, 0)
