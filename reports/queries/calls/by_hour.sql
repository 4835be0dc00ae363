-- External inbound calls between two days by weekday (1 is Monday) and hour of the company's zone: all and missed.
select
    extract(isodow from call_date) as weekday,
    extract(hour from started_at at time zone $timezone) as hour,
    count(*) as calls,
    sum(case when is_missed then 1 else 0 end) as calls_missed
from marts.fct_calls
where call_date between $from_date and $to_date
    and direction = 'in'
    and ($manager = '' or coalesce(manager_key, 'none') = $manager)
group by weekday, hour
