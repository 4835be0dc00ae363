{%- set models = ['first_touch', 'last_touch', 'last_non_direct', 'linear', 'position_based', 'time_decay'] -%}

with

models as (

    {%- for model in models %}
    select '{{ model }}' as attribution_model
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

shares as (

    select
        deals.deal_key,
        deals.month,
        weights.attribution_model,
        weights.campaign_key,
        weights.channel,
        weights.is_last,
        deals.deals_won * weights.weight as deals_won,
        deals.new_customers * weights.weight as new_customers,
        deals.revenue,
        deals.gross_profit,
        {{ round_quotient('deals.revenue * weights.weight') }} as revenue_share,
        {{ round_quotient('deals.gross_profit * weights.weight') }} as gross_profit_share
    from {{ ref('int_attributed_deals') }} as deals
    inner join {{ ref('int_touch_weights') }} as weights on deals.deal_key = weights.deal_key
    where weights.weight <> 1

),

-- rounded shares of a deal differ from its sum by cents: the last touch takes them
exact_shares as (

    select
        month,
        attribution_model,
        campaign_key,
        channel,
        deals_won,
        new_customers,
        revenue_share + case
            when is_last then revenue - sum(revenue_share) over (partition by deal_key, month, attribution_model)
            else 0
        end as revenue,
        gross_profit_share + case
            when is_last then gross_profit - sum(gross_profit_share) over (partition by deal_key, month, attribution_model)
            else 0
        end as gross_profit
    from shares

    union all

    -- a whole deal is no share: nothing is rounded, and nothing sorted
    select
        deals.month,
        weights.attribution_model,
        weights.campaign_key,
        weights.channel,
        deals.deals_won * weights.weight as deals_won,
        deals.new_customers * weights.weight as new_customers,
        deals.revenue,
        deals.gross_profit
    from {{ ref('int_attributed_deals') }} as deals
    inner join {{ ref('int_touch_weights') }} as weights on deals.deal_key = weights.deal_key
    where weights.weight = 1

),

facts as (

    select
        {{ month_start('costs.cost_date') }} as month,
        models.attribution_model,
        costs.campaign_key,
        costs.channel,
        costs.impressions,
        costs.clicks,
        costs.cost_base as cost,
        0.0 as leads,
        0.0 as deals_won,
        0.0 as new_customers,
        {{ cast_as('0', 'decimal(18,2)') }} as revenue,
        {{ cast_as('null', 'decimal(18,2)') }} as gross_profit
    from {{ ref('fct_campaign_costs') }} as costs
    cross join models
    where costs.cost_date <= {{ as_of_date() }}

    union all

    select
        {{ month_start(business_date('leads.created_at')) }} as month,
        models.attribution_model,
        leads.campaign_key,
        leads.channel,
        0 as impressions,
        0 as clicks,
        {{ cast_as('0', 'decimal(18,2)') }} as cost,
        1.0 as leads,
        0.0 as deals_won,
        0.0 as new_customers,
        {{ cast_as('0', 'decimal(18,2)') }} as revenue,
        {{ cast_as('null', 'decimal(18,2)') }} as gross_profit
    from {{ ref('fct_leads') }} as leads
    cross join models
    where leads.created_at < {{ as_of_end() }}

    union all

    select
        month,
        attribution_model,
        campaign_key,
        channel,
        0 as impressions,
        0 as clicks,
        {{ cast_as('0', 'decimal(18,2)') }} as cost,
        0.0 as leads,
        deals_won,
        new_customers,
        revenue,
        gross_profit
    from exact_shares

),

summed as (

    select
        facts.month,
        facts.campaign_key,
        facts.attribution_model,
        -- a campaign has one channel
        coalesce(min(campaigns.channel), min(facts.channel)) as channel,
        sum(facts.impressions) as impressions,
        sum(facts.clicks) as clicks,
        coalesce(sum(facts.cost), 0) as cost,
        {{ steady_sum('facts.leads') }} as leads,
        {{ steady_sum('facts.deals_won') }} as deals_won,
        {{ steady_sum('facts.new_customers') }} as new_customers,
        coalesce(sum(facts.revenue), 0) as revenue,
        -- nothing sold is a profit of 0; something sold at an unknown cost is an unknown profit
        coalesce(sum(facts.gross_profit), case when sum(facts.revenue) = 0 then 0 end) as gross_profit
    from facts
    left join {{ ref('dim_campaigns') }} as campaigns on facts.campaign_key = campaigns.campaign_key
    group by facts.month, facts.campaign_key, facts.attribution_model

)

select
    month,
    campaign_key,
    channel,
    attribution_model,
    {{ cast_as('impressions', 'bigint') }} as impressions,
    {{ cast_as('clicks', 'bigint') }} as clicks,
    {{ cast_as('cost', 'decimal(18,2)') }} as cost,
    {{ cast_as('leads', 'double') }} as leads,
    {{ cast_as('deals_won', 'double') }} as deals_won,
    {{ cast_as('new_customers', 'double') }} as new_customers,
    {{ cast_as('revenue', 'decimal(18,2)') }} as revenue,
    {{ cast_as('gross_profit', 'decimal(18,2)') }} as gross_profit,
    {{ ratio('cost', 'leads') }} as cpl,
    {{ ratio('cost', 'new_customers') }} as cac,
    {{ ratio('revenue', 'cost') }} as roas,
    {{ ratio('gross_profit - cost', 'cost') }} as romi_margin,
    {{ ratio('revenue - cost', 'cost') }} as romi_revenue,
    {{ ratio('cost', 'revenue') }} as cost_revenue_ratio
from summed
where
    impressions <> 0 or clicks <> 0 or cost <> 0 or leads <> 0 or deals_won <> 0 or new_customers <> 0 or revenue <> 0
    or coalesce(gross_profit, 0) <> 0
