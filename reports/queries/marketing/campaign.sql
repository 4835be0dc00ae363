-- What one campaign is called.
select
    campaign_key,
    channel,
    campaign_name,
    utm_campaign
from marts.dim_campaigns
where campaign_key = $campaign
