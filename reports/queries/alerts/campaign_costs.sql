-- What each campaign has cost between two days.
select
    costs.campaign_key,
    costs.channel,
    campaigns.campaign_name,
    sum(costs.cost_base) as cost
from marts.fct_campaign_costs as costs
left join marts.dim_campaigns as campaigns on campaigns.campaign_key = costs.campaign_key
where costs.cost_date between $from_date and $to_date
group by costs.campaign_key, costs.channel, campaigns.campaign_name
order by cost desc, costs.campaign_key
