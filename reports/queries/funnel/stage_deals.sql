-- Deals of one stage: the open ones that stand there now, and those that ended in it in some months; the biggest first.
select
    deals.deal_key,
    deals.deal_name,
    deals.deal_status,
    deals.customer_key,
    customers.customer_name,
    deals.manager_key,
    managers.manager_name,
    deals.channel,
    deals.amount_base,
    deals.created_at,
    deals.closed_at,
    deals.source_url
from marts.fct_deals as deals
left join marts.dim_customers as customers on customers.customer_key = deals.customer_key
left join marts.dim_managers as managers on managers.manager_key = deals.manager_key
where deals.stage_key = $stage
    and (deals.deal_status = 'open' or (deals.closed_at >= $from_instant and deals.closed_at < $to_instant))
    and ($manager = '' or coalesce(deals.manager_key, 'none') = $manager)
    and ($channel = '' or coalesce(deals.channel, 'none') = $channel)
order by deals.amount_base desc nulls last, deals.deal_key
limit $limit
