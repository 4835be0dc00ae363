-- A returned customer's months, or its windows, do not sum to its sales by as_of.
with

months as (

    select
        customer_key,
        sum(turnover) as turnover
    from {{ ref('customer_turnover_months') }}
    group by customer_key

),

sales as (

    select
        customer_key,
        sum(revenue_base) as revenue,
        sum(case when sale_date > {{ add_months(as_of_date(), -12) }} then revenue_base else 0 end) as revenue_12m
    from {{ ref('fct_sales') }}
    where customer_key is not null and sale_date <= {{ as_of_date() }}
    group by customer_key

)

select
    sales.customer_key,
    sales.revenue,
    months.turnover,
    sales.revenue_12m,
    windows.turnover_12m
from sales
left join months on sales.customer_key = months.customer_key
left join {{ ref('customer_turnover') }} as windows on sales.customer_key = windows.customer_key
where
    coalesce(months.turnover, 0) <> sales.revenue
    or windows.turnover_12m is null
    or windows.turnover_12m <> sales.revenue_12m
