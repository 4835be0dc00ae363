-- A returned model of marketing_roi loses or invents cost, leads, won deals, revenue or profit.
with

told as (

    select
        attribution_model,
        sum(cost) as cost,
        sum(leads) as leads,
        sum(deals_won) as deals_won,
        sum(revenue) as revenue,
        sum(gross_profit) as gross_profit
    from {{ ref('marketing_roi') }}
    group by attribution_model

),

costs as (

    select coalesce(sum(cost_base), 0) as cost
    from {{ ref('fct_campaign_costs') }}
    where cost_date <= {{ as_of_date() }}

),

leads as (

    select count(*) as leads
    from {{ ref('fct_leads') }}
    where created_at < {{ as_of_end() }}

),

deals as (

    select
        coalesce(sum(attributed.deals_won), 0) as deals_won,
        coalesce(sum(attributed.revenue), 0) as revenue
    from {{ ref('int_attributed_deals') }} as attributed
    inner join {{ ref('fct_deals') }} as deals on attributed.deal_key = deals.deal_key

)

select
    told.attribution_model,
    told.cost,
    costs.cost as cost_of_campaigns,
    told.revenue,
    deals.revenue as revenue_of_deals
from told
cross join costs
cross join leads
cross join deals
where
    told.cost <> costs.cost
    or told.leads <> leads.leads
    or abs(told.deals_won - deals.deals_won) > 0.000001
    or told.revenue <> deals.revenue
