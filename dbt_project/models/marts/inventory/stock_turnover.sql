{%- set window_start = add_days(as_of_date(), -var('stock_turnover_days')) %}

with

stock as (

    select
        product_key,
        sum(quantity) as on_hand,
        sum(cost_base) as stock_cost
    from {{ ref('fct_stock') }}
    group by product_key

),

sales as (

    select
        product_key,
        sum(case when sale_date > {{ window_start }} then quantity else 0 end) as sold_quantity,
        sum(case when sale_date > {{ window_start }} then revenue_base else 0 end) as sold_revenue,
        -- 1C brings the cost of what was sold in rows of their own when a month is closed, all of it where it was not known before
        sum(case when sale_date > {{ add_months(as_of_date(), -12) }} and not is_return then cost_base end) as sold_cost,
        sum(case when sale_date > {{ add_months(as_of_date(), -12) }} and is_sale and cost_base is not null then quantity end)
            as quantity_of_known_cost,
        min(case when is_sale then sale_date end) as first_sale_date,
        max(case when is_sale then sale_date end) as last_sale_date
    from {{ ref('fct_sales') }}
    where product_key is not null and sale_date <= {{ as_of_date() }}
    group by product_key

),

joined as (

    select
        products.product_key as product_key,
        products.category,
        products.abc_class,
        products.xyz_class,
        coalesce(stock.on_hand, 0) as on_hand,
        -- a register of goods without their cost (УТ's) is valued as the year's sales were
        coalesce(
            stock.stock_cost,
            {{ cast_as("stock.on_hand * " ~ ratio("sales.sold_cost", "sales.quantity_of_known_cost"), 'decimal(18,2)') }}
        ) as stock_cost,
        coalesce(sales.sold_quantity, 0) as sold_quantity,
        coalesce(sales.sold_revenue, 0) as sold_revenue,
        -- a product sold for the first time within the window is measured since then
        greatest(least(
            {{ var('stock_turnover_days') }}, {{ days_between('sales.first_sale_date', as_of_date()) }} + 1
        ), 1) as days_observed,
        sales.last_sale_date
    from {{ ref('dim_products') }} as products
    left join stock on products.product_key = stock.product_key
    left join sales on products.product_key = sales.product_key
    where stock.product_key is not null or sales.product_key is not null

),

measured as (

    select
        *,
        case when sold_quantity > 0 then {{ ratio('sold_quantity', 'days_observed') }} else 0.0 end as sold_per_day,
        {{ days_between('last_sale_date', as_of_date()) }} as days_since_last_sale
    from joined

)

select
    product_key,
    category,
    abc_class,
    xyz_class,
    {{ cast_as('on_hand', 'decimal(18,3)') }} as on_hand,
    {{ cast_as('stock_cost', 'decimal(18,2)') }} as stock_cost,
    {{ cast_as('sold_quantity', 'decimal(18,3)') }} as sold_quantity,
    {{ cast_as('sold_revenue', 'decimal(18,2)') }} as sold_revenue,
    {{ cast_as('sold_per_day', 'double') }} as sold_per_day,
    case when on_hand > 0 then {{ ratio('on_hand', 'sold_per_day') }} when sold_per_day > 0 then 0.0 end as days_of_stock,
    last_sale_date,
    {{ cast_as('days_since_last_sale', 'integer') }} as days_since_last_sale,
    on_hand > 0 and coalesce(days_since_last_sale > {{ var('stock_idle_days') }}, true) as is_without_movement,
    on_hand <= 0 and (coalesce(abc_class = 'A', false) or coalesce(xyz_class = 'X', false)) as is_out_of_stock_leader
from measured
