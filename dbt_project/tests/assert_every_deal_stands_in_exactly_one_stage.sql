-- A returned row is a deal whose history has no last entry, or several.
select
    deals.deal_key,
    count(entries.deal_key) as current_entries
from {{ ref('fct_deals') }} as deals
left join {{ ref('fct_deal_stage_entries') }} as entries on deals.deal_key = entries.deal_key and entries.is_current
where deals.stage_key is not null
group by deals.deal_key
having count(entries.deal_key) <> 1
