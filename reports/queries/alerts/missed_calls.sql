-- Missed calls between two days that nobody has returned by the publication, the oldest first.
select
    calls.call_key,
    calls.started_at,
    calls.phone,
    customers.customer_name,
    managers.manager_name
from marts.fct_calls as calls
left join marts.dim_customers as customers on customers.customer_key = calls.customer_key
left join marts.dim_managers as managers on managers.manager_key = calls.manager_key
where calls.call_date between $from_date and $to_date
    and calls.is_missed
    and calls.callback_minutes is null
order by calls.started_at, calls.call_key
