-- Sums in a currency without any rate by their day, or in no known currency: left out of every figure, never taken 1:1. A document of sales
-- is told once, unless it stands here already as a deal or as an order of its own.
with

records as (

    select
        deal_key as issue_id,
        'deal' as kind,
        coalesce(deal_name, deal_id) as record_name,
        customer_key,
        manager_key,
        deal_key,
        {{ no_key() }} as order_key,
        {{ no_key() }} as payment_key,
        amount,
        currency_code,
        created_date as occurred_date
    from {{ ref('int_deals') }}
    where amount is not null and amount_base is null

    union all

    select
        order_key as issue_id,
        'order' as kind,
        order_number as record_name,
        customer_key,
        manager_key,
        deal_key,
        order_key,
        {{ no_key() }} as payment_key,
        amount,
        currency_code,
        order_date as occurred_date
    from {{ ref('fct_orders') }}
    where amount is not null and amount_base is null

    union all

    select
        payment_key as issue_id,
        'payment' as kind,
        document_key as record_name,
        customer_key,
        manager_key,
        deal_key,
        order_key,
        payment_key,
        amount,
        currency_code,
        payment_date as occurred_date
    from {{ ref('fct_payments') }}
    where amount is not null and amount_base is null

    union all

    select
        document_key as issue_id,
        'sale' as kind,
        coalesce(min(document_number), document_key) as record_name,
        min(customer_key) as customer_key,
        min(manager_key) as manager_key,
        min(deal_key) as deal_key,
        min(order_key) as order_key,
        {{ no_key() }} as payment_key,
        {{ cast_as('null', 'decimal(18,2)') }} as amount,
        {{ no_key() }} as currency_code,
        min(sale_date) as occurred_date
    from {{ ref('fct_sales') }}
    where revenue_base is null and document_key <> coalesce(order_key, '') and document_key <> coalesce(deal_key, '')
    group by document_key

    union all

    select
        {{ cast_as('costs.cost_date', 'varchar') }} || ':' || costs.campaign_key as issue_id,
        'cost' as kind,
        coalesce(campaigns.campaign_name, costs.campaign_key) as record_name,
        {{ no_key() }} as customer_key,
        {{ no_key() }} as manager_key,
        {{ no_key() }} as deal_key,
        {{ no_key() }} as order_key,
        {{ no_key() }} as payment_key,
        costs.cost_without_rate as amount,
        costs.currency_without_rate as currency_code,
        costs.cost_date as occurred_date
    from {{ ref('int_campaign_costs') }} as costs
    left join {{ ref('dim_campaigns') }} as campaigns on costs.campaign_key = campaigns.campaign_key
    where costs.cost_without_rate is not null

)

select
    kind || ':' || issue_id as issue_id,
    'high' as severity,
    customer_key,
    manager_key,
    deal_key,
    order_key,
    payment_key,
    -- in the company currency the amount is exactly what nobody knows
    {{ cast_as('null', 'decimal(18,2)') }} as amount,
    occurred_date,
    {{ reconciliation_sentence('missing_exchange_rate', {
        'kind': "case kind when 'deal' then " ~ reconciliation_sentence('kind_deal', {}) ~ " when 'order' then "
            ~ reconciliation_sentence('kind_order', {}) ~ " when 'sale' then " ~ reconciliation_sentence('kind_sale', {})
            ~ " when 'cost' then " ~ reconciliation_sentence('kind_cost', {}) ~ " else " ~ reconciliation_sentence('kind_payment', {}) ~ " end",
        'number': 'record_name', 'date': 'occurred_date', 'amount': 'amount', 'currency': 'currency_code',
    }) }} as details
from records
where occurred_date <= {{ as_of_date() }}
