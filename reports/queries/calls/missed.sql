-- Missed calls between two days, those that nobody has returned first, then the newest.
select
    calls.started_at,
    calls.phone,
    calls.customer_key,
    customers.customer_name,
    calls.manager_key,
    managers.manager_name,
    calls.callback_minutes,
    calls.wait_seconds,
    calls.is_lost
from marts.fct_calls as calls
left join marts.dim_customers as customers on customers.customer_key = calls.customer_key
left join marts.dim_managers as managers on managers.manager_key = calls.manager_key
where calls.call_date between $from_date and $to_date
    and calls.is_missed
    and ($manager = '' or coalesce(calls.manager_key, 'none') = $manager)
order by case when calls.callback_minutes is null then 0 else 1 end, calls.started_at desc, calls.call_key
limit $limit
