with

revenue as (

    select
        {{ month_start('sale_date') }} as month,
        manager_key,
        sum(revenue_base) as revenue,
        sum(case when sale_date < {{ as_of_date() }} then revenue_base else 0 end) as revenue_before
    from {{ ref('fct_sales') }}
    where sale_date <= {{ as_of_date() }}
    group by {{ month_start('sale_date') }}, manager_key

),

manager_plans as (

    select
        month,
        scope_key as manager_key,
        value as plan_revenue
    from {{ ref('int_plans') }}
    where metric = 'revenue' and scope_kind = 'manager' and is_known

),

managers_sums as (

    select
        month,
        sum(plan_revenue) as plan_revenue
    from manager_plans
    group by month

),

-- what of the company's plan no manager has, so that the rows of a month add up to the company's plan
plan_rest as (

    select
        company.month,
        cast(null as {{ text_type() }}) as manager_key,
        company.value - coalesce(managers_sums.plan_revenue, 0) as plan_revenue
    from {{ ref('int_plans') }} as company
    left join managers_sums on company.month = managers_sums.month
    where company.metric = 'revenue' and company.scope_kind = 'company'

),

plans as (

    select * from manager_plans
    union all
    select * from plan_rest

),

workdays as (

    select
        month,
        sum(case when is_workday then 1 else 0 end) as workdays,
        sum(case when is_workday and date < {{ as_of_date() }} then 1 else 0 end) as workdays_before
    from {{ ref('dim_dates') }}
    where month = {{ month_start(as_of_date()) }}
    group by month

),

joined as (

    select
        coalesce(plans.month, revenue.month) as month,
        coalesce(plans.manager_key, revenue.manager_key) as manager_key,
        plans.plan_revenue,
        coalesce(revenue.revenue, 0) as revenue,
        coalesce(revenue.revenue_before, 0) as revenue_before
    from plans
    full join revenue
        on plans.month = revenue.month and coalesce(plans.manager_key, '') = coalesce(revenue.manager_key, '')

)

select
    joined.month,
    joined.manager_key,
    {{ cast_as('joined.plan_revenue', 'decimal(18,2)') }} as plan_revenue,
    {{ cast_as('joined.revenue', 'decimal(18,2)') }} as revenue,
    {{ ratio('joined.revenue', 'joined.plan_revenue') }} as plan_completion,
    case
        when joined.month < {{ month_start(as_of_date()) }} then {{ cast_as('joined.revenue', 'decimal(18,2)') }}
        when workdays.workdays_before >= 3
            then {{ round_quotient(quotient('joined.revenue_before * workdays.workdays', 'workdays.workdays_before')) }}
    end as forecast_revenue
from joined
left join workdays on joined.month = workdays.month
