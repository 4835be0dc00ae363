-- New leads between two instants; NULL before the first that is known.
select sum(case when created_at >= $from_instant and created_at < $to_instant then 1 else 0 end) as leads
from marts.fct_leads
where (select min(created_at) from marts.fct_leads) < $to_instant
