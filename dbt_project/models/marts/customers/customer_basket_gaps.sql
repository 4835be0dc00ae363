{%- set as_of = as_of_date() %}

with

purchases as (

    select
        customer_key,
        product_key,
        sale_date,
        sum(quantity) as quantity,
        sum(revenue_base) as revenue
    from {{ ref('fct_sales') }}
    where
        customer_key is not null
        and product_key is not null
        and is_sale
        and quantity > 0
        and sale_date <= {{ as_of }}
        and sale_date > {{ add_months(as_of, -12) }}
    group by customer_key, product_key, sale_date

),

spaced as (

    select
        *,
        {{ days_between('previous_sale_date', 'sale_date') }} as days_since_previous
    from (
        select
            *,
            lag(sale_date) over (partition by customer_key, product_key order by sale_date) as previous_sale_date
        from purchases
    ) as ordered_purchases

),

habits as (

    select
        customer_key,
        product_key,
        count(*) as purchases,
        {{ median('days_since_previous') }} as usual_interval_days,
        {{ median('quantity * 1000') }} as usual_thousandths,
        max(sale_date) as last_sale_date,
        {{ arg_max(quotient('revenue', 'quantity'), 'sale_date') }} as last_price
    from spaced
    group by customer_key, product_key
    having count(*) >= {{ var('basket_gap_min_days') }}

),

open_orders as (

    select distinct customer_key
    from {{ ref('fct_orders') }}
    where is_order and order_status = 'open' and customer_key is not null and order_date <= {{ as_of }}

),

ordered as (

    select distinct
        orders.customer_key,
        lines.product_key
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('fct_order_lines') }} as lines on orders.order_key = lines.order_key
    where
        orders.is_order
        and orders.order_status = 'open'
        and orders.customer_key is not null
        and lines.product_key is not null
        and orders.order_date <= {{ as_of }}

),

stock as (

    select
        product_key,
        sum(quantity) as quantity
    from {{ ref('fct_stock') }}
    group by product_key

),

expected as (

    select
        habits.customer_key as customer_key,
        habits.product_key as product_key,
        habits.purchases,
        habits.usual_interval_days,
        -- half of a thousandth is exact in thousandths only
        {{ rounded('habits.usual_thousandths') }} / 1000 as usual_quantity,
        habits.last_sale_date,
        habits.last_price,
        {{ add_days('habits.last_sale_date', cast_as(rounded('habits.usual_interval_days'), 'integer')) }} as expected_date,
        {{ days_between('habits.last_sale_date', as_of) }} > {{ var('basket_gap_factor') }} * habits.usual_interval_days as is_overdue,
        open_orders.customer_key is not null as has_open_order,
        ordered.product_key is not null as in_open_order,
        coalesce(stock.quantity > 0, false) as in_stock
    from habits
    left join open_orders on habits.customer_key = open_orders.customer_key
    left join ordered on habits.customer_key = ordered.customer_key and habits.product_key = ordered.product_key
    left join stock on habits.product_key = stock.product_key

)

select
    customer_key,
    product_key,
    {{ cast_as('purchases', 'bigint') }} as purchases,
    usual_interval_days,
    {{ cast_as('usual_quantity', 'decimal(18,3)') }} as usual_quantity,
    last_sale_date,
    expected_date,
    {{ days_between('expected_date', as_of) }} as days_overdue,
    {{ round_quotient('usual_quantity * last_price') }} as expected_revenue,
    in_open_order,
    has_open_order,
    in_stock
from expected
where is_overdue or (has_open_order and not in_open_order)
