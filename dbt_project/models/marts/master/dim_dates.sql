with

days as (

    select years.date
    from (
        {{ days_table(
            period_start('year', add_months(as_of_date(), -120)),
            add_days(period_start('year', add_months(as_of_date(), 24)), -1)
        ) }}
    ) as years

    union

    select date
    from {{ ref('stg_skvoz__calendar') }}
    where not is_deleted

)

select
    days.date as date,
    {{ period_start('week', 'days.date') }} as week_start,
    {{ period_start('month', 'days.date') }} as month,
    {{ period_start('quarter', 'days.date') }} as quarter,
    {{ cast_as('extract(year from days.date)', 'integer') }} as year,
    coalesce(overrides.is_workday, calendar.is_workday, {{ weekday('days.date') }} <= 5) as is_workday
from days
left join {{ ref('stg_skvoz__calendar') }} as calendar on days.date = calendar.date and not calendar.is_deleted
left join {{ ref('calendar_overrides') }} as overrides on days.date = overrides.date
