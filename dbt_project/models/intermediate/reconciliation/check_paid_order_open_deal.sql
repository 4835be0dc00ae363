-- The money is there, the CRM still shows the deal as work to do.
select
    orders.order_key as issue_id,
    {{ issue_severity('settlements.paid_base') }} as severity,
    orders.customer_key as customer_key,
    coalesce(states.manager_key, orders.manager_key) as manager_key,
    states.deal_key as deal_key,
    orders.order_key as order_key,
    {{ no_key() }} as payment_key,
    settlements.paid_base as amount,
    last_payments.paid_date as occurred_date,
    {{ reconciliation_sentence('paid_order_open_deal', {
        'number': 'orders.order_number', 'paid': 'settlements.paid', 'currency': 'orders.currency_code', 'deal': 'deals.deal_name',
        'stage': 'stages.stage_name',
    }) }} as details
from {{ ref('int_order_settlements') }} as settlements
inner join {{ ref('int_orders') }} as orders on settlements.order_key = orders.order_key
inner join {{ ref('int_order_deals_as_of') }} as links on orders.order_key = links.order_key
inner join {{ ref('int_deal_states_as_of') }} as states on links.deal_key = states.deal_key
inner join {{ ref('int_deals') }} as deals on states.deal_key = deals.deal_key
left join {{ ref('int_stages') }} as stages on states.stage_key = stages.stage_key
left join (
    select
        order_key,
        max(payment_date) as paid_date
    from {{ ref('int_order_payments') }}
    group by order_key
) as last_payments on orders.order_key = last_payments.order_key
where
    states.deal_status = 'open'
    and not orders.is_cancelled
    and orders.order_date <= {{ as_of_date() }}
    and orders.amount > 0
    and settlements.paid > 0
    and (settlements.paid >= orders.amount or not {{ differs('settlements.paid', 'orders.amount') }})
