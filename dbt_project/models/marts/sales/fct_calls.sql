with

-- an automatic announcement is nobody's call: neither an outgoing one nor a callback
calls as (

    select *
    from {{ ref('int_calls') }}
    where not coalesce(is_robot, false)

),

missed_phones as (

    select distinct phone as missed_phone
    from {{ ref('int_calls') }}
    where is_missed and phone is not null and direction <> 'internal' and not coalesce(is_robot, false)

),

answers as (

    -- later calls do not exist yet on the day of the build
    select
        called.call_key as called_key,
        called.is_missed as was_missed,
        min(case when called.is_answered and called.started_at < {{ as_of_end() }} then called.started_at end) over (
            partition by called.phone
            order by called.started_at, called.call_key
            rows between 1 following and unbounded following
        ) as answered_at
    from {{ ref('int_calls') }} as called
    inner join missed_phones on called.phone = missed_phones.missed_phone
    where called.direction <> 'internal' and not coalesce(called.is_robot, false) and (called.is_missed or called.is_answered)

),

missed_answers as (

    select
        called_key as missed_call_key,
        answered_at
    from answers
    where was_missed and answered_at is not null

),

customer_managers as (

    select
        customer_key,
        manager_key
    from {{ ref('int_customers') }}

),

returned as (

    select
        calls.*,
        missed_answers.answered_at as returned_at,
        least({{ as_of_end() }}, loads.newest_load_at) as known_until
    from calls
    left join missed_answers on calls.call_key = missed_answers.missed_call_key
    cross join {{ ref('int_newest_load') }} as loads
)

select
    returned.call_key,
    returned.source,
    returned.started_at,
    returned.call_date,
    returned.direction,
    returned.phone,
    returned.customer_key,
    coalesce(
        returned.manager_key,
        case when returned.is_missed then customer_managers.manager_key end
    ) as manager_key,
    returned.deal_key,
    returned.talk_seconds,
    returned.wait_seconds,
    returned.is_answered,
    returned.is_missed,
    {{ minutes_between('returned.started_at', 'returned.returned_at') }} as callback_minutes,
    coalesce(
        returned.is_missed
        and {{ add_hours('returned.started_at', var('callback_hours')) }} <= returned.known_until
        and (
            returned.returned_at is null
            or returned.returned_at > {{ add_hours('returned.started_at', var('callback_hours')) }}
        ),
        false
    ) as is_lost
from returned
left join customer_managers on returned.customer_key = customer_managers.customer_key
