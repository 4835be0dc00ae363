-- Advertising cost and clicks by channel between two days.
select
    channel,
    sum(cost_base) as cost,
    sum(clicks) as clicks,
    sum(impressions) as impressions
from marts.fct_campaign_costs
where cost_date between $from_date and $to_date
group by channel
