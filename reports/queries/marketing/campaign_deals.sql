-- Deals whose own origin is one campaign, created or ended in some months; the newest first.
select
    deals.deal_key,
    deals.deal_name,
    deals.deal_status,
    deals.customer_key,
    customers.customer_name,
    deals.manager_key,
    managers.manager_name,
    deals.stage_name,
    deals.amount_base,
    deals.created_at,
    deals.closed_at,
    deals.source_url
from marts.fct_deals as deals
left join marts.dim_customers as customers on customers.customer_key = deals.customer_key
left join marts.dim_managers as managers on managers.manager_key = deals.manager_key
where deals.campaign_key = $campaign
    and (
        (deals.created_at >= $from_instant and deals.created_at < $to_instant)
        or (deals.closed_at >= $from_instant and deals.closed_at < $to_instant)
    )
order by deals.created_at desc, deals.deal_key
limit $limit
