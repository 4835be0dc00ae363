{#- What each deal brought in each month by as_of, before it is shared among its touches: sales linked to it, or its own amount. -#}
with

-- nobody knows of these by as_of: what was sold before has no deal yet
later_deals as (

    select deal_key
    from {{ ref('fct_deals') }}
    where created_at >= {{ as_of_end() }}

),

sales as (

    select
        case
            when coalesce(sales.deal_key, orders.deal_key) not in (select later_deals.deal_key from later_deals)
                then coalesce(sales.deal_key, orders.deal_key)
        end as deal_key,
        sales.sale_key,
        sales.sale_date,
        sales.customer_key,
        sales.is_sale,
        sales.revenue_base{{ '' if var('marketing_includes_vat') else ' - coalesce(sales.vat_base, 0)' }} as revenue,
        sales.gross_profit_base
    from {{ ref('fct_sales') }} as sales
    left join {{ ref('fct_orders') }} as orders on sales.order_key = orders.order_key
    where sales.sale_date <= {{ as_of_date() }}

),

sold as (

    select distinct deal_key
    from sales
    where deal_key is not null

),

won as (

    select
        deal_key,
        {{ month_start('closed_date') }} as month,
        amount
    from {{ ref('int_deal_states_as_of') }}
    where deal_status = 'won'

),

first_days as (

    select
        customer_key as new_customer_key,
        min(sale_date) as first_date
    from sales
    where customer_key is not null and is_sale
    group by customer_key

),

first_sales as (

    select
        sales.deal_key as deal_key,
        sales.sale_date as sale_date,
        -- of a customer's first day the row that knows its deal is the one that says where the customer came from
        row_number() over (
            partition by sales.customer_key
            order by case when sales.deal_key is null then 1 else 0 end, sales.sale_key
        ) as place
    from sales
    inner join first_days on sales.customer_key = first_days.new_customer_key and sales.sale_date = first_days.first_date
    where sales.is_sale

),

facts as (

    select
        deal_key,
        {{ month_start('sale_date') }} as month,
        0 as deals_won,
        0 as new_customers,
        revenue,
        gross_profit_base as gross_profit
    from sales
    where deal_key is not null

    union all

    select
        won.deal_key,
        won.month,
        1 as deals_won,
        0 as new_customers,
        case when sold.deal_key is null then won.amount else 0 end as revenue,
        null as gross_profit
    from won
    left join sold on won.deal_key = sold.deal_key

    union all

    select
        deal_key,
        {{ month_start('sale_date') }} as month,
        0 as deals_won,
        1 as new_customers,
        0 as revenue,
        null as gross_profit
    from first_sales
    where place = 1 and deal_key is not null

)

select
    deal_key,
    month,
    sum(deals_won) as deals_won,
    sum(new_customers) as new_customers,
    {{ cast_as('sum(revenue)', 'decimal(18,2)') }} as revenue,
    {{ cast_as('sum(gross_profit)', 'decimal(18,2)') }} as gross_profit
from facts
group by deal_key, month
