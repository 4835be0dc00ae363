-- External calls between two days by manager.
select
    calls.manager_key,
    managers.manager_name,
    sum(case when calls.direction = 'in' then 1 else 0 end) as calls_in,
    sum(case when calls.direction = 'out' then 1 else 0 end) as calls_out,
    sum(case when calls.is_missed then 1 else 0 end) as calls_missed,
    sum(case when calls.is_lost then 1 else 0 end) as calls_lost,
    sum(case when calls.is_answered then calls.talk_seconds else 0 end) / 60.0 as talk_minutes,
    percentile_cont(0.5) within group (order by calls.callback_minutes) as callback_median
from marts.fct_calls as calls
left join marts.dim_managers as managers on managers.manager_key = calls.manager_key
where calls.call_date between $from_date and $to_date
    and calls.direction <> 'internal'
    and ($manager = '' or coalesce(calls.manager_key, 'none') = $manager)
group by calls.manager_key, managers.manager_name
order by calls_in desc, calls.manager_key
