-- Windows are reckoned from as_of by subtracting months once (31 May - 3 months is the last day of February).
{%- set as_of = as_of_date() -%}
{%- set month = month_start(as_of) %}

with

-- a sale in a currency without a rate is a sale all the same: what is known is summed
sales as (

    select
        customer_key,
        document_key,
        sale_date,
        is_sale,
        coalesce(revenue_base, 0) as revenue,
        gross_profit_base
    from {{ ref('fct_sales') }}
    where customer_key is not null and sale_date <= {{ as_of }}

),

customers as (

    select
        customer_key,
        sum(case when sale_date > {{ add_months(as_of, -3) }} then revenue else 0 end) as turnover_3m,
        sum(
            case
                when sale_date > {{ add_months(as_of, -6) }} and sale_date <= {{ add_months(as_of, -3) }} then revenue
                else 0
            end
        ) as turnover_previous_3m,
        sum(case when sale_date > {{ add_months(as_of, -12) }} then revenue else 0 end) as turnover_12m,
        sum(
            case
                when sale_date >= {{ add_months(month, -3) }} and sale_date < {{ month }} then revenue
                else 0
            end
        ) as turnover_3_full_months,
        sum(case when sale_date >= {{ add_months(month, -2) }} then revenue else 0 end) as full_months_next,
        sum(
            case
                when sale_date > {{ add_months(as_of, -3) }} and sale_date <= {{ add_months(add_months(as_of, 1), -3) }} then revenue
                else 0
            end
        ) as leaving_next_month,
        coalesce(sum(case when sale_date > {{ add_months(as_of, -3) }} then gross_profit_base end), 0) as gross_profit_3m,
        count(distinct case when sale_date > {{ add_months(as_of, -3) }} and is_sale then document_key end) as sales_count_3m,
        max(case when is_sale then sale_date end) as last_sale_date
    from sales
    group by customer_key

),

based as (

    select
        *,
        {{ 'turnover_3_full_months' if var('tier_basis') == 'full_months' else 'turnover_3m' }} as tier_turnover,
        {{ 'full_months_next' if var('tier_basis') == 'full_months' else 'turnover_3m - leaving_next_month' }} as tier_turnover_next
    from customers

),

ladder as (

    select
        tier_name,
        min_turnover,
        discount,
        lead(tier_name) over (order by min_turnover, tier_name) as next_tier_name,
        lead(min_turnover) over (order by min_turnover, tier_name) as next_min_turnover,
        row_number() over (order by min_turnover, tier_name) as step
    from {{ ref('int_discount_tiers') }}

),

reached as (

    select
        based.customer_key as customer_key,
        max(ladder.step) as step
    from based
    inner join ladder on based.tier_turnover >= ladder.min_turnover
    group by based.customer_key

),

kept as (

    select
        based.customer_key as customer_key,
        max(ladder.step) as step
    from based
    inner join ladder on based.tier_turnover_next >= ladder.min_turnover
    group by based.customer_key

)

select
    based.customer_key as customer_key,
    {{ as_of }} as as_of_date,
    cards.manager_key,
    {{ cast_as('based.turnover_3m', 'decimal(18,2)') }} as turnover_3m,
    {{ cast_as('based.turnover_previous_3m', 'decimal(18,2)') }} as turnover_previous_3m,
    case
        when based.turnover_previous_3m > 0 then {{ ratio('based.turnover_3m', 'based.turnover_previous_3m') }} - 1
    end as turnover_change,
    {{ cast_as('based.turnover_12m', 'decimal(18,2)') }} as turnover_12m,
    {{ cast_as('based.turnover_3_full_months', 'decimal(18,2)') }} as turnover_3_full_months,
    {{ cast_as('based.leaving_next_month', 'decimal(18,2)') }} as leaving_next_month,
    {{ cast_as('based.gross_profit_3m', 'decimal(18,2)') }} as gross_profit_3m,
    {{ cast_as('based.sales_count_3m', 'bigint') }} as sales_count_3m,
    {{ round_quotient(quotient('based.turnover_3m', 'nullif(based.sales_count_3m, 0)')) }} as average_sale_3m,
    based.last_sale_date,
    {{ days_between('based.last_sale_date', as_of) }} as days_since_last_sale,
    tiers.tier_name as tier_name,
    {{ cast_as('coalesce(tiers.discount, 0)', 'double') }} as tier_discount,
    case when reached.customer_key is null then lowest.tier_name else tiers.next_tier_name end as next_tier_name,
    {{ cast_as(
        'case when reached.customer_key is null then lowest.min_turnover else tiers.next_min_turnover end - based.tier_turnover',
        'decimal(18,2)'
    ) }} as to_next_tier,
    tiers_next.tier_name as tier_name_next_month
from based
left join {{ ref('int_customers') }} as cards on based.customer_key = cards.customer_key
left join reached on based.customer_key = reached.customer_key
left join ladder as tiers on reached.step = tiers.step
left join kept on based.customer_key = kept.customer_key
left join ladder as tiers_next on kept.step = tiers_next.step
left join ladder as lowest on lowest.step = 1
