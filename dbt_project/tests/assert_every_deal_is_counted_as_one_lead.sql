-- A returned row is a deal that no lead is the cause of, or that is a lead of its own beside the lead it was made from. (Several leads
-- may become one deal, where enquiries of one customer meet in it: each of them is a lead.)
with

causes as (

    select
        deal_key,
        lead_key
    from {{ ref('fct_leads') }}
    where deal_key is not null

    union

    -- a second deal of one lead
    select
        deals.deal_key,
        leads.lead_key
    from {{ ref('int_deals') }} as deals
    inner join {{ ref('fct_leads') }} as leads on deals.source || ':lead:' || deals.lead_id = leads.lead_key
)

select
    deals.deal_key,
    count(causes.lead_key) as leads
from {{ ref('fct_deals') }} as deals
left join causes on deals.deal_key = causes.deal_key
group by deals.deal_key
having count(causes.lead_key) = 0 or (count(causes.lead_key) > 1 and max(case when causes.lead_key = deals.deal_key then 1 else 0 end) = 1)
