with

first_deals as (

    select
        customer_key,
        deal_key,
        {{ business_date('created_at') }} as first_deal_date,
        {{ month_start(business_date('created_at')) }} as cohort_month,
        row_number() over (partition by customer_key order by created_at, deal_key) as deal_number
    from {{ ref('fct_deals') }}
    where customer_key is not null and created_at < {{ as_of_end() }}

),

members as (

    select
        first_deals.customer_key,
        first_deals.first_deal_date,
        first_deals.cohort_month,
        touches.channel
    from first_deals
    left join {{ ref('fct_touchpoints') }} as touches
        on first_deals.deal_key = touches.deal_key and touches.touch_number = 1
    where first_deals.deal_number = 1

),

sizes as (

    select
        cohort_month,
        channel,
        count(*) as customers
    from members
    group by cohort_month, channel

),

costs as (

    select
        {{ month_start('cost_date') }} as cohort_month,
        channel,
        sum(cost_base) as cost
    from {{ ref('fct_campaign_costs') }}
    where cost_date <= {{ as_of_date() }}
    group by {{ month_start('cost_date') }}, channel

),

-- money spent in a month that brought nobody is a cohort too
cohorts as (

    select
        coalesce(sizes.cohort_month, costs.cohort_month) as cohort_month,
        coalesce(sizes.channel, costs.channel) as channel,
        coalesce(sizes.customers, 0) as customers,
        coalesce(costs.cost, 0) as cost
    from sizes
    full join costs
        on sizes.cohort_month = costs.cohort_month and coalesce(sizes.channel, '') = coalesce(costs.channel, '')

),

sales as (

    select
        members.cohort_month,
        members.channel as channel,
        {{ month_start('sales.sale_date') }} as month,
        sum(sales.revenue_base) as revenue,
        sum(sales.gross_profit_base) as gross_profit
    from {{ ref('fct_sales') }} as sales
    inner join members on sales.customer_key = members.customer_key
    where sales.sale_date >= members.first_deal_date and sales.sale_date <= {{ as_of_date() }}
    group by members.cohort_month, members.channel, {{ month_start('sales.sale_date') }}

),

months as (

    select calendar.month
    from (
        {{ months_table('(select min(cohort_month) from cohorts)', month_start(as_of_date())) }}
    ) as calendar

),

grown as (

    select
        cohorts.cohort_month as cohort_month,
        cohorts.channel as channel,
        {{ months_between('cohorts.cohort_month', 'months.month') }} as months_since,
        cohorts.customers,
        cohorts.cost,
        sum(coalesce(sales.revenue, 0)) over (
            partition by cohorts.cohort_month, cohorts.channel order by months.month
        ) as revenue_cumulative,
        sum(coalesce(sales.gross_profit, 0)) over (
            partition by cohorts.cohort_month, cohorts.channel order by months.month
        ) as gross_profit_cumulative
    from cohorts
    inner join months on cohorts.cohort_month <= months.month
    left join sales
        on
            cohorts.cohort_month = sales.cohort_month
            and {{ same_value('cohorts.channel', 'sales.channel') }}
            and months.month = sales.month

)

select
    cohort_month,
    channel,
    {{ cast_as('months_since', 'integer') }} as months_since,
    {{ cast_as('customers', 'bigint') }} as customers,
    {{ cast_as('revenue_cumulative', 'decimal(18,2)') }} as revenue_cumulative,
    {{ cast_as('gross_profit_cumulative', 'decimal(18,2)') }} as gross_profit_cumulative,
    {{ cast_as('cost', 'decimal(18,2)') }} as cost,
    {{ ratio('gross_profit_cumulative - cost', 'cost') }} as romi_margin
from grown
