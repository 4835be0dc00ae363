-- What two plain methods say of a month from one to four months before, for every past month that could have been foretold so and for the
-- months to come. level: the mean of the last three whole months. seasonal: that mean times what the same month of last year was to the
-- same three months of last year. Months without sales count as 0.
with

-- the month of as_of is whole on its last day
bounds as (

    select
        min({{ month_start('sale_date') }}) as first_month,
        case
            when {{ month_start(add_days(as_of_date(), 1)) }} > {{ month_start(as_of_date()) }} then {{ month_start(as_of_date()) }}
            else {{ add_months(month_start(as_of_date()), -1) }}
        end as last_month
    from {{ ref('fct_sales') }}
    where sale_date <= {{ as_of_date() }}

),

months as (

    select distinct calendar.month
    from {{ ref('dim_dates') }} as calendar
    inner join bounds on calendar.month >= bounds.first_month and calendar.month <= bounds.last_month

),

revenue_months as {{ computed_once() }} (

    select
        months.month as month,
        coalesce(sum(sales.revenue_base), 0) as revenue
    from months
    left join {{ ref('fct_sales') }} as sales
        on months.month = {{ month_start('sales.sale_date') }} and sales.sale_date <= {{ as_of_date() }}
    group by months.month

),

levels as (

    select
        here.month as month,
        {{ ratio('sum(before.revenue)', 'count(*)') }} as level
    from revenue_months as here
    inner join revenue_months as before
        on here.month >= before.month and {{ add_months('here.month', -3) }} < before.month
    group by here.month
    having count(*) = 3

),

horizons as (

    select 1 as horizon
    union all
    select 2 as horizon
    union all
    select 3 as horizon
    union all
    select 4 as horizon

),

targets as (

    select
        levels.month as origin_month,
        horizons.horizon,
        {{ add_months('levels.month', 'horizons.horizon') }} as month,
        levels.level
    from levels
    cross join horizons

),

foretold as (

    select
        targets.origin_month,
        targets.horizon,
        targets.month as month,
        'level' as method,
        targets.level as forecast
    from targets

    union all

    select
        targets.origin_month,
        targets.horizon,
        targets.month as month,
        'seasonal' as method,
        targets.level * {{ ratio('last_year.revenue', 'last_levels.level') }} as forecast
    from targets
    inner join revenue_months as last_year on {{ add_months('targets.month', -12) }} = last_year.month
    inner join levels as last_levels on {{ add_months('targets.origin_month', -12) }} = last_levels.month

)

select
    foretold.origin_month,
    {{ cast_as('foretold.horizon', 'integer') }} as horizon_months,
    foretold.month as month,
    foretold.method,
    {{ cast_as('foretold.forecast', 'double') }} as forecast,
    {{ cast_as('revenue_months.revenue', 'double') }} as revenue,
    foretold.origin_month = bounds.last_month as is_latest
from foretold
cross join bounds
left join revenue_months on foretold.month = revenue_months.month
where foretold.forecast > 0
