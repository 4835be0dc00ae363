-- New leads by channel between two instants.
select
    channel,
    count(*) as leads
from marts.fct_leads
where created_at >= $from_instant
    and created_at < $to_instant
group by channel
