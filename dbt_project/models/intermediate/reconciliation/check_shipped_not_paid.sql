-- Debts past due (marts.receivables).
select
    debts.order_key as issue_id,
    case when debts.overdue_days > {{ var('overdue_high_days') }} then 'high' else {{ issue_severity('debts.debt') }} end as severity,
    debts.customer_key as customer_key,
    debts.manager_key as manager_key,
    links.deal_key as deal_key,
    debts.order_key as order_key,
    {{ no_key() }} as payment_key,
    debts.debt as amount,
    debts.due_date as occurred_date,
    {{ reconciliation_sentence('shipped_not_paid', {
        'number': 'orders.order_number', 'date': 'orders.order_date', 'amount': 'debts.debt', 'currency': "'" ~ var('base_currency') ~ "'",
        'due': 'debts.due_date', 'days': 'debts.overdue_days',
    }) }} as details
from {{ ref('receivables') }} as debts
inner join {{ ref('int_orders') }} as orders on debts.order_key = orders.order_key
left join {{ ref('int_order_deals_as_of') }} as links on debts.order_key = links.order_key
where debts.overdue_days > 0
