-- New leads between two instants.
select sum(case when created_at >= $from_instant and created_at < $to_instant then 1 else 0 end) as leads
from marts.fct_leads
