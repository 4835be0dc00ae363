-- External calls between two days: in, out, missed, lost, not yet returned, and the middle wait for a call back.
select
    sum(case when direction = 'in' then 1 else 0 end) as calls_in,
    sum(case when direction = 'out' then 1 else 0 end) as calls_out,
    sum(case when is_missed then 1 else 0 end) as calls_missed,
    sum(case when is_lost then 1 else 0 end) as calls_lost,
    sum(case when is_missed and callback_minutes is null then 1 else 0 end) as calls_not_returned,
    sum(case when is_answered then talk_seconds else 0 end) / 60.0 as talk_minutes,
    percentile_cont(0.5) within group (order by callback_minutes) as callback_median
from marts.fct_calls
where call_date between $from_date and $to_date
    and direction <> 'internal'
    and ($manager = '' or coalesce(manager_key, 'none') = $manager)
