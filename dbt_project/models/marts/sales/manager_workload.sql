with

days as (

    select
        date,
        -- the instant at which the day ends; of the day of the build, when the systems were last asked
        {{ wall_time_to_instant('cast(' ~ add_days('date', 1) ~ ' as timestamp)', "'" ~ var('company_timezone') ~ "'") }} as ends_at
    from ({{ days_table(add_days(as_of_date(), -91), as_of_date()) }}) as calendar

),

-- a deal is open at the end of a day from that of its creation until the one before that of its closing
deals as (

    select
        deal_key,
        manager_key,
        {{ business_date('created_at') }} as created_date,
        {{ business_date('closed_at') }} as closed_date
    from {{ ref('int_deals') }}
    where created_at is not null

),

-- millions of days of deals are counted, not laid out
lives as (

    select
        manager_key,
        greatest(created_date, {{ add_days(as_of_date(), -91) }}) as first_date,
        closed_date,
        {{ cast_as('count(*)', 'bigint') }} as deals
    from deals
    where closed_date is null or closed_date > {{ add_days(as_of_date(), -91) }}
    group by manager_key, greatest(created_date, {{ add_days(as_of_date(), -91) }}), closed_date

),

-- between a closing and the reopening that undid it a deal is closed
shut_days as (

    select distinct
        days.date as date,
        deals.deal_key as deal_key,
        deals.manager_key as manager_key
    from {{ ref('int_undone_closings') }} as undone_closings
    inner join deals on undone_closings.reopened_deal_key = deals.deal_key
    inner join days
        on
            undone_closings.was_closed_at < days.ends_at
            and undone_closings.was_reopened_at >= days.ends_at
    where days.date >= deals.created_date and (deals.closed_date is null or days.date < deals.closed_date)

),

open_tasks as (

    select
        days.date,
        tasks.deal_key,
        tasks.manager_key,
        coalesce(tasks.due_at < days.ends_at, false) as is_overdue
    from {{ ref('int_tasks') }} as tasks
    inner join days
        on
            tasks.created_at < days.ends_at
            and (tasks.completed_at is null or tasks.completed_at >= days.ends_at)

),

deals_with_task as (

    select distinct
        date,
        deal_key
    from open_tasks
    where deal_key is not null

),

figures as (

    select
        days.date as date,
        lives.manager_key as manager_key,
        lives.deals as open_deals,
        lives.deals as deals_without_task,
        0 as tasks_overdue,
        0 as meetings,
        0 as calls_answered,
        0 as talk_seconds
    from lives
    inner join days
        on
            lives.first_date <= days.date
            and (lives.closed_date is null or lives.closed_date > days.date)

    union all

    select
        date,
        manager_key,
        -1 as open_deals,
        -1 as deals_without_task,
        0 as tasks_overdue,
        0 as meetings,
        0 as calls_answered,
        0 as talk_seconds
    from shut_days

    union all

    select
        deals_with_task.date as date,
        deals.manager_key as manager_key,
        0 as open_deals,
        -1 as deals_without_task,
        0 as tasks_overdue,
        0 as meetings,
        0 as calls_answered,
        0 as talk_seconds
    from deals_with_task
    inner join deals on deals_with_task.deal_key = deals.deal_key
    left join shut_days on deals_with_task.date = shut_days.date and deals_with_task.deal_key = shut_days.deal_key
    where
        shut_days.deal_key is null
        and deals_with_task.date >= deals.created_date
        and (deals.closed_date is null or deals_with_task.date < deals.closed_date)

    union all

    select
        date,
        manager_key,
        0 as open_deals,
        0 as deals_without_task,
        1 as tasks_overdue,
        0 as meetings,
        0 as calls_answered,
        0 as talk_seconds
    from open_tasks
    where is_overdue

    union all

    select
        days.date,
        activities.manager_key,
        0 as open_deals,
        0 as deals_without_task,
        0 as tasks_overdue,
        1 as meetings,
        0 as calls_answered,
        0 as talk_seconds
    from {{ ref('fct_activities') }} as activities
    inner join days on {{ business_date('activities.occurred_at') }} = days.date
    where activities.activity_type = 'meeting'

    union all

    select
        days.date,
        calls.manager_key,
        0 as open_deals,
        0 as deals_without_task,
        0 as tasks_overdue,
        0 as meetings,
        1 as calls_answered,
        calls.talk_seconds
    from {{ ref('fct_calls') }} as calls
    inner join days on calls.call_date = days.date
    where calls.is_answered and calls.direction <> 'internal'
)

select
    date,
    manager_key,
    {{ cast_as('sum(open_deals)', 'bigint') }} as open_deals,
    {{ cast_as('sum(deals_without_task)', 'bigint') }} as deals_without_task,
    {{ cast_as('sum(tasks_overdue)', 'bigint') }} as tasks_overdue,
    {{ cast_as('sum(meetings)', 'bigint') }} as meetings,
    {{ cast_as('sum(calls_answered)', 'bigint') }} as calls_answered,
    sum(talk_seconds) / {{ cast_as('60', 'double') }} as talk_minutes
from figures
group by date, manager_key
-- a manager whose only deal stands between a closing and its reopening has nothing on that day
having sum(open_deals) > 0 or sum(tasks_overdue) > 0 or sum(meetings) > 0 or sum(calls_answered) > 0
