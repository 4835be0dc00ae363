-- Retail takings belong to no order; everything else a customer pays should name one.
select
    payments.payment_key as issue_id,
    case when payments.customer_key is null then 'high' else {{ issue_severity('payments.amount_base') }} end as severity,
    payments.customer_key as customer_key,
    customers.manager_key as manager_key,
    {{ no_key() }} as deal_key,
    {{ no_key() }} as order_key,
    payments.payment_key as payment_key,
    payments.amount_base as amount,
    payments.payment_date as occurred_date,
    {{ reconciliation_sentence('payment_without_order', {
        'date': 'payments.payment_date', 'amount': 'payments.amount', 'currency': 'payments.currency_code', 'customer': 'customers.customer_name',
    }) }} as details
from {{ ref('int_payments') }} as payments
left join {{ ref('int_customers') }} as customers on payments.customer_key = customers.customer_key
where
    payments.is_customer_money
    and payments.operation_kind = 'customer'
    and payments.direction = 'in'
    and payments.order_key is null
    and payments.payment_date <= {{ as_of_date() }}
