-- Deals and orders whose manager is missing, or is nobody of the users that the systems list.
with

records as (

    select
        deals.deal_key as issue_id,
        'deal' as kind,
        coalesce(deals.deal_name, deals.deal_id) as record_name,
        deals.customer_key,
        deals.deal_key,
        {{ no_key() }} as order_key,
        deals.amount_base as amount,
        deals.created_date as occurred_date
    from {{ ref('int_deals') }} as deals
    where deals.manager_key is null

    union all

    select
        order_key as issue_id,
        'order' as kind,
        order_number as record_name,
        customer_key,
        {{ no_key() }} as deal_key,
        order_key,
        {{ round_money('amount * rate_to_base') }} as amount,
        order_date as occurred_date
    from {{ ref('int_orders') }}
    where manager_key is null and is_order and not is_cancelled

)

select
    records.kind || ':' || records.issue_id as issue_id,
    'low' as severity,
    records.customer_key as customer_key,
    customers.manager_key as manager_key,
    records.deal_key as deal_key,
    records.order_key as order_key,
    {{ no_key() }} as payment_key,
    records.amount as amount,
    records.occurred_date as occurred_date,
    {{ reconciliation_sentence('unknown_manager', {
        'kind': "case records.kind when 'deal' then " ~ reconciliation_sentence('kind_deal', {}) ~ " else "
            ~ reconciliation_sentence('kind_order', {}) ~ " end",
        'number': 'records.record_name', 'date': 'records.occurred_date', 'amount': 'records.amount',
    }) }} as details
from records
left join {{ ref('int_customers') }} as customers on records.customer_key = customers.customer_key
where records.occurred_date <= {{ as_of_date() }}
