-- Sums in a currency without any rate by their day, or in no known currency: left out of every figure, never taken 1:1.
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
    where amount <> 0 and amount_base is null

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
    where amount <> 0 and amount_base is null

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
    where amount <> 0 and amount_base is null

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
            ~ reconciliation_sentence('kind_order', {}) ~ " else " ~ reconciliation_sentence('kind_payment', {}) ~ " end",
        'number': 'record_name', 'date': 'occurred_date', 'amount': 'amount', 'currency': 'currency_code',
    }) }} as details
from records
where occurred_date <= {{ as_of_date() }}
