-- Open deals, the biggest first, with the stage they stand in.
select
    deals.deal_key,
    deals.deal_name,
    deals.stage_name,
    deals.amount_base,
    deals.created_at,
    customers.customer_name,
    managers.manager_name
from marts.fct_deals as deals
left join marts.dim_customers as customers on customers.customer_key = deals.customer_key
left join marts.dim_managers as managers on managers.manager_key = deals.manager_key
where deals.deal_status = 'open'
order by deals.amount_base desc nulls last, deals.deal_key
limit $limit
