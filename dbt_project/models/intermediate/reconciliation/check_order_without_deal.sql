-- Orders since the CRM's first deal: what came before it could not have one.
with

crm as (

    select min(created_date) as first_deal_date
    from {{ ref('int_deals') }}

)

select
    orders.order_key as issue_id,
    {{ issue_severity(round_money('orders.amount * orders.rate_to_base')) }} as severity,
    orders.customer_key as customer_key,
    orders.manager_key as manager_key,
    {{ no_key() }} as deal_key,
    orders.order_key as order_key,
    {{ no_key() }} as payment_key,
    {{ round_money('orders.amount * orders.rate_to_base') }} as amount,
    orders.order_date as occurred_date,
    {{ reconciliation_sentence('order_without_deal', {
        'number': 'orders.order_number', 'date': 'orders.order_date', 'amount': 'orders.amount', 'currency': 'orders.currency_code',
    }) }} as details
from {{ ref('int_orders') }} as orders
inner join crm on orders.order_date >= crm.first_deal_date
left join {{ ref('int_order_deals_as_of') }} as links on orders.order_key = links.order_key
where
    orders.is_order
    and not orders.is_cancelled
    and orders.order_date <= {{ as_of_date() }}
    and links.order_key is null
