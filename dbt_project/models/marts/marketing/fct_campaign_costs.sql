select
    costs.cost_date,
    costs.campaign_key,
    campaigns.channel,
    costs.impressions,
    costs.clicks,
    costs.cost_base
from {{ ref('int_campaign_costs') }} as costs
left join {{ ref('dim_campaigns') }} as campaigns on costs.campaign_key = campaigns.campaign_key
