{#-
    Minutes from a deal's creation to the first thing a person did on it, by as_of. With var working_hours
    ("mon-fri 09:00-18:00") only minutes inside those hours count, without days that the calendar calls holidays, and with
    the Saturdays and Sundays that it calls workdays for them.
-#}
{%- set hours = var('working_hours') | lower | trim -%}
{%- set week = {'mon': 1, 'tue': 2, 'wed': 3, 'thu': 4, 'fri': 5, 'sat': 6, 'sun': 7} -%}
{%- set zone = "'" ~ var('company_timezone') ~ "'" -%}

with

first_activities as (

    select
        deals.deal_key,
        deals.manager_key,
        deals.created_at,
        min(activities.occurred_at) as responded_at
    from {{ ref('fct_deals') }} as deals
    inner join {{ ref('fct_activities') }} as activities on deals.deal_key = activities.deal_key
    where activities.occurred_at >= deals.created_at and activities.occurred_at < {{ as_of_end() }}
    group by deals.deal_key, deals.manager_key, deals.created_at

),
{% if hours %}
{%- set days, times = (hours.split() | first), (hours.split() | last) -%}
{%- set first_day, last_day = (days.split('-') | first), (days.split('-') | last) -%}
{%- set is_in_week = weekday('date') ~ ' between ' ~ week.get(first_day, 1) ~ ' and ' ~ week.get(last_day, 5) -%}
{%- set opening, closing = (times.split('-') | first), (times.split('-') | last) -%}
{%- set start = (opening.split(':') | first | int) * 3600 + (opening.split(':') | last | int) * 60 -%}
{%- set stop = (closing.split(':') | first | int) * 3600 + (closing.split(':') | last | int) * 60 %}
working_days as (

    select
        date,
        case
            when
                ({{ weekday('date') }} <= 5 and {{ is_in_week }} and is_workday)
                or ({{ weekday('date') }} > 5 and ({{ is_in_week }} or is_workday))
                then {{ stop - start }}
            else 0
        end as seconds
    from {{ ref('dim_dates') }}

),

counted_days as (

    select
        date,
        seconds,
        sum(seconds) over (order by date rows between unbounded preceding and 1 preceding) as seconds_before
    from working_days

),

placed as (

    select
        first_activities.deal_key,
        first_activities.manager_key,
        first_activities.created_at,
        coalesce(creation.seconds_before, 0)
        + least(
            greatest({{ second_of_day(instant_to_wall_time('first_activities.created_at', zone)) }} - {{ start }}, 0), creation.seconds
        ) as created_second,
        coalesce(response.seconds_before, 0)
        + least(
            greatest({{ second_of_day(instant_to_wall_time('first_activities.responded_at', zone)) }} - {{ start }}, 0), response.seconds
        ) as responded_second
    from first_activities
    inner join counted_days as creation on {{ business_date('first_activities.created_at') }} = creation.date
    inner join counted_days as response on {{ business_date('first_activities.responded_at') }} = response.date

)

select
    deal_key,
    manager_key,
    {{ month_start(business_date('created_at')) }} as month,
    {{ cast_as('responded_second - created_second', 'double') }} / 60 as response_minutes
from placed
{%- else %}
placed as (

    select
        deal_key,
        manager_key,
        {{ month_start(business_date('created_at')) }} as month,
        {{ cast_as(minutes_between('created_at', 'responded_at'), 'double') }} as response_minutes
    from first_activities

)

select
    deal_key,
    manager_key,
    month,
    response_minutes
from placed
{%- endif %}
