with

customer_months as (

    select
        customer_key,
        {{ month_start('sale_date') }} as month,
        sum(revenue_base) as revenue,
        max(case when is_sale then 1 else 0 end) as is_active
    from {{ ref('fct_sales') }}
    where customer_key is not null and sale_date <= {{ as_of_date() }}
    group by customer_key, {{ month_start('sale_date') }}

),

firsts as (

    select
        customer_key,
        min(month) as first_month
    from customer_months
    where is_active = 1
    group by customer_key

),

states as (

    select
        here.customer_key as customer_key,
        here.month as month,
        here.revenue as revenue,
        here.is_active as is_active,
        case when firsts.first_month = here.month then 1 else 0 end as is_new,
        coalesce(before.is_active, 0) as was_active
    from customer_months as here
    left join firsts on here.customer_key = firsts.customer_key
    left join customer_months as before
        on here.customer_key = before.customer_key and before.month = {{ add_months('here.month', -1) }}

),

months as (

    select calendar.month
    from (
        {{ months_table('(select min(month) from customer_months where is_active = 1)', month_start(as_of_date())) }}
    ) as calendar

),

figures as (

    select
        month,
        sum(case when is_active = 1 and is_new = 1 then 1 else 0 end) as customers_new,
        sum(case when is_active = 1 and is_new = 0 and was_active = 1 then 1 else 0 end) as customers_returning,
        sum(case when is_active = 1 and is_new = 0 and was_active = 0 then 1 else 0 end) as customers_reactivated,
        sum(is_active) as customers_active,
        sum(case when is_new = 1 then revenue else 0 end) as revenue_new,
        sum(case when is_new = 0 then revenue else 0 end) as revenue_returning
    from states
    group by month

),

filled as (

    select
        months.month,
        coalesce(figures.customers_new, 0) as customers_new,
        coalesce(figures.customers_returning, 0) as customers_returning,
        coalesce(figures.customers_reactivated, 0) as customers_reactivated,
        coalesce(figures.customers_active, 0) as customers_active,
        coalesce(figures.revenue_new, 0) as revenue_new,
        coalesce(figures.revenue_returning, 0) as revenue_returning
    from months
    left join figures on months.month = figures.month

)

select
    month,
    {{ cast_as('customers_new', 'bigint') }} as customers_new,
    {{ cast_as('customers_returning', 'bigint') }} as customers_returning,
    {{ cast_as('customers_reactivated', 'bigint') }} as customers_reactivated,
    {{ cast_as('customers_active', 'bigint') }} as customers_active,
    -- the month that runs has lost nobody yet: on its last day too somebody may still buy
    {{ cast_as('case when month < ' ~ month_start(as_of_date())
        ~ ' then coalesce(lag(customers_active) over (order by month), 0) - customers_returning end', 'bigint') }} as customers_lost,
    {{ cast_as('revenue_new', 'decimal(18,2)') }} as revenue_new,
    {{ cast_as('revenue_returning', 'decimal(18,2)') }} as revenue_returning
from filled
