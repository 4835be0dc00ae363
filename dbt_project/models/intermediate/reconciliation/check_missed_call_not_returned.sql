-- At stake is the open deal the call was about, where it is known.
select
    calls.call_key as issue_id,
    case when calls.customer_key is not null then 'high' else 'medium' end as severity,
    calls.customer_key as customer_key,
    calls.manager_key as manager_key,
    calls.deal_key as deal_key,
    {{ no_key() }} as order_key,
    {{ no_key() }} as payment_key,
    deals.amount_base as amount,
    calls.call_date as occurred_date,
    {{ reconciliation_sentence('missed_call_not_returned', {
        'phone': 'calls.phone', 'date': 'calls.call_date', 'hours': var('callback_hours') | string, 'customer': 'customers.customer_name',
    }) }} as details
from {{ ref('fct_calls') }} as calls
left join {{ ref('int_customers') }} as customers on calls.customer_key = customers.customer_key
left join {{ ref('int_deals') }} as deals on calls.deal_key = deals.deal_key
where calls.is_lost and calls.call_date <= {{ as_of_date() }}
