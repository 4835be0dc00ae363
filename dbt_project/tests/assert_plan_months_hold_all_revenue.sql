-- A returned month has revenue in revenue_plan_months that is not that of fct_sales, or plans that are not the company's.
with

told as (

    select
        month,
        sum(revenue) as revenue,
        sum(plan_revenue) as plan_revenue
    from {{ ref('revenue_plan_months') }}
    group by month

),

sales as (

    select
        {{ month_start('sale_date') }} as month,
        sum(revenue_base) as revenue
    from {{ ref('fct_sales') }}
    where sale_date <= {{ as_of_date() }}
    group by {{ month_start('sale_date') }}

),

plans as (

    select
        month,
        value as plan_revenue
    from {{ ref('int_plans') }}
    where metric = 'revenue' and scope_kind = 'company'

)

select
    coalesce(told.month, sales.month, plans.month) as month,
    told.revenue,
    sales.revenue as revenue_of_sales,
    told.plan_revenue,
    plans.plan_revenue as plan_of_company
from told
full join sales on told.month = sales.month
left join plans on coalesce(told.month, sales.month) = plans.month
where
    coalesce(told.revenue, 0) <> coalesce(sales.revenue, 0)
    or (plans.plan_revenue is not null and coalesce(told.plan_revenue, 0) <> plans.plan_revenue)
