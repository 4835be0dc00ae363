with

sales as (

    select
        sale_date as date,
        manager_key,
        channel,
        sum(revenue_base) as revenue,
        sum(gross_profit_base) as gross_profit,
        sum(case when cost_base is null then revenue_base end) as revenue_without_cost,
        count(distinct case when is_sale then document_key end) as sales_count
    from {{ ref('fct_sales') }}
    where sale_date <= {{ as_of_date() }}
    group by sale_date, manager_key, channel

),

payments as (

    select
        payment_date as date,
        manager_key,
        channel,
        sum(amount_base) as cash_received
    from {{ ref('fct_payments') }}
    where payment_date <= {{ as_of_date() }}
    group by payment_date, manager_key, channel

),

orders as (

    select
        order_date as date,
        manager_key,
        channel,
        count(*) as orders_count,
        sum(amount_base) as orders_amount
    from {{ ref('fct_orders') }}
    where is_order and not is_cancelled and order_date <= {{ as_of_date() }}
    group by order_date, manager_key, channel

),

figures as (

    select
        date,
        manager_key,
        channel,
        revenue,
        gross_profit,
        revenue_without_cost,
        0 as cash_received,
        sales_count,
        0 as orders_count,
        0 as orders_amount
    from sales

    union all

    select
        date,
        manager_key,
        channel,
        0 as revenue,
        0 as gross_profit,
        0 as revenue_without_cost,
        cash_received,
        0 as sales_count,
        0 as orders_count,
        0 as orders_amount
    from payments

    union all

    select
        date,
        manager_key,
        channel,
        0 as revenue,
        0 as gross_profit,
        0 as revenue_without_cost,
        0 as cash_received,
        0 as sales_count,
        orders_count,
        orders_amount
    from orders

)

select
    date,
    manager_key,
    channel,
    {{ cast_as('sum(coalesce(revenue, 0))', 'decimal(18,2)') }} as revenue,
    {{ cast_as('sum(coalesce(gross_profit, 0))', 'decimal(18,2)') }} as gross_profit,
    {{ cast_as('sum(coalesce(revenue_without_cost, 0))', 'decimal(18,2)') }} as revenue_without_cost,
    {{ cast_as('sum(coalesce(cash_received, 0))', 'decimal(18,2)') }} as cash_received,
    {{ cast_as('sum(sales_count)', 'bigint') }} as sales_count,
    {{ cast_as('sum(orders_count)', 'bigint') }} as orders_count,
    {{ cast_as('sum(coalesce(orders_amount, 0))', 'decimal(18,2)') }} as orders_amount
from figures
group by date, manager_key, channel
