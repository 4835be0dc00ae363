with

days as (

    select
        date,
        -- the instant at which the day ends; of the day of the build, when the systems were last asked
        {{ wall_time_to_instant('cast(' ~ add_days('date', 1) ~ ' as timestamp)', "'" ~ var('company_timezone') ~ "'") }} as ends_at
    from ({{ days_table(add_days(as_of_date(), -91), as_of_date()) }}) as calendar

),

deals as (

    select
        days.date,
        deals.deal_key,
        deals.manager_key,
        days.ends_at
    from {{ ref('int_deals') }} as deals
    inner join days
        on
            deals.created_at < days.ends_at
            and (deals.closed_at is null or deals.closed_at >= days.ends_at)
    left join {{ ref('int_undone_closings') }} as undone_closings
        on
            deals.deal_key = undone_closings.reopened_deal_key
            and days.ends_at > undone_closings.was_closed_at
            and days.ends_at <= undone_closings.was_reopened_at
    where undone_closings.reopened_deal_key is null

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
        deals.date,
        deals.manager_key,
        1 as open_deals,
        case when deals_with_task.deal_key is null then 1 else 0 end as deals_without_task,
        0 as tasks_overdue,
        0 as meetings,
        0 as calls_answered,
        0 as talk_seconds
    from deals
    left join deals_with_task on deals.date = deals_with_task.date and deals.deal_key = deals_with_task.deal_key

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
