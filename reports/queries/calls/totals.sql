-- Calls between two days: inbound, outbound, missed, and missed ones that nobody has returned; NULL before the first call that is known.
select
    sum(case when call_date between $from_date and $to_date and direction = 'in' then 1 else 0 end) as calls_in,
    sum(case when call_date between $from_date and $to_date and direction = 'out' then 1 else 0 end) as calls_out,
    sum(case when call_date between $from_date and $to_date and is_missed then 1 else 0 end) as calls_missed,
    sum(case when call_date between $from_date and $to_date and is_missed and callback_minutes is null then 1 else 0 end) as calls_not_returned
from marts.fct_calls
where (select min(call_date) from marts.fct_calls) <= $to_date
