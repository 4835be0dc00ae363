-- Open deals that stand in one stage, the biggest first.
select
    deals.deal_key,
    deals.deal_name,
    deals.customer_key,
    customers.customer_name,
    deals.manager_key,
    managers.manager_name,
    deals.channel,
    deals.amount_base,
    deals.created_at,
    deals.updated_at,
    deals.source_url
from marts.fct_deals as deals
left join marts.dim_customers as customers on customers.customer_key = deals.customer_key
left join marts.dim_managers as managers on managers.manager_key = deals.manager_key
where deals.stage_key = $stage
    and deals.deal_status = 'open'
    and ($manager = '' or coalesce(deals.manager_key, 'none') = $manager)
    and ($channel = '' or coalesce(deals.channel, 'none') = $channel)
order by deals.amount_base desc nulls last, deals.deal_key
limit $limit
