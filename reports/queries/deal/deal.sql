-- One deal: what it is about, whose it is, where it stands and where it came from.
select
    deals.deal_key,
    deals.deal_name,
    deals.source,
    deals.pipeline_name,
    deals.stage_name,
    deals.deal_status,
    deals.amount_base,
    deals.created_at,
    deals.closed_at,
    deals.loss_reason,
    deals.channel,
    deals.source_url,
    deals.customer_key,
    customers.customer_name,
    deals.manager_key,
    managers.manager_name,
    campaigns.campaign_name
from marts.fct_deals as deals
left join marts.dim_customers as customers on customers.customer_key = deals.customer_key
left join marts.dim_managers as managers on managers.manager_key = deals.manager_key
left join marts.dim_campaigns as campaigns on campaigns.campaign_key = deals.campaign_key
where deals.deal_key = $deal
