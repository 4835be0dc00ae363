-- Deals that stood open at an instant, the biggest first; the stage is known of those that stand open still.
select
    deals.deal_key,
    deals.deal_name,
    case when deals.deal_status = 'open' then deals.stage_name end as stage_name,
    deals.amount_base,
    deals.created_at,
    customers.customer_name,
    managers.manager_name
from marts.fct_deals as deals
left join marts.dim_customers as customers on customers.customer_key = deals.customer_key
left join marts.dim_managers as managers on managers.manager_key = deals.manager_key
where deals.created_at < $to_instant
    and (deals.deal_status = 'open' or deals.closed_at >= $to_instant)
order by deals.amount_base desc nulls last, deals.deal_key
limit $limit
