-- The calls that belong to one deal, the newest first.
select
    calls.started_at,
    calls.direction,
    calls.phone,
    calls.talk_seconds / 60.0 as talk_minutes,
    calls.is_missed,
    calls.callback_minutes,
    calls.manager_key,
    managers.manager_name
from marts.fct_calls as calls
left join marts.dim_managers as managers on managers.manager_key = calls.manager_key
where calls.deal_key = $deal
    and calls.call_date <= $as_of
order by calls.started_at desc, calls.call_key
limit 50
