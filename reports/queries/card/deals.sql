-- One customer's deals, open ones first, then the newest.
select
    deals.deal_key,
    deals.deal_name,
    deals.pipeline_name,
    deals.stage_name,
    deals.deal_status,
    deals.amount_base,
    deals.created_at,
    deals.closed_at,
    deals.source_url,
    deals.manager_key,
    managers.manager_name
from marts.fct_deals as deals
left join marts.dim_managers as managers on managers.manager_key = deals.manager_key
where deals.customer_key = $customer
order by case when deals.deal_status = 'open' then 0 else 1 end, deals.created_at desc, deals.deal_key
limit 30
