-- Advertising cost between two days; NULL before the first that is known.
select sum(case when cost_date between $from_date and $to_date then cost_base else 0 end) as cost
from marts.fct_campaign_costs
where (select min(cost_date) from marts.fct_campaign_costs) <= $to_date
