-- Advertising cost between two days; NULL when no cost has ever been loaded.
select sum(case when cost_date between $from_date and $to_date then cost_base else 0 end) as cost
from marts.fct_campaign_costs
