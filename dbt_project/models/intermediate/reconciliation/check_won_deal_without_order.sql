-- Only a company whose books hold orders can miss one; a deal whose orders were all cancelled has none.
with

orders_of_deals as (

    select distinct links.deal_key
    from {{ ref('int_order_deals') }} as links
    inner join {{ ref('int_orders') }} as orders on links.order_key = orders.order_key
    where not orders.is_cancelled and orders.order_date <= {{ as_of_date() }}

),

books as (

    select min(order_date) as first_order_date
    from {{ ref('int_orders') }}
    where is_order

)

select
    states.deal_key as issue_id,
    {{ issue_severity('deals.amount_base') }} as severity,
    states.customer_key as customer_key,
    coalesce(states.manager_at_close_key, states.manager_key) as manager_key,
    states.deal_key as deal_key,
    {{ no_key() }} as order_key,
    {{ no_key() }} as payment_key,
    deals.amount_base as amount,
    coalesce(states.closed_date, states.created_date) as occurred_date,
    {{ reconciliation_sentence('won_deal_without_order', {
        'deal': 'deals.deal_name', 'date': 'states.closed_date', 'amount': 'deals.amount', 'currency': 'deals.currency_code',
    }) }} as details
from {{ ref('int_deal_states_as_of') }} as states
inner join {{ ref('int_deals') }} as deals on states.deal_key = deals.deal_key
inner join books on coalesce(states.closed_date, states.created_date) >= books.first_order_date
left join orders_of_deals on states.deal_key = orders_of_deals.deal_key
where
    states.deal_status = 'won'
    and orders_of_deals.deal_key is null
    and coalesce(states.closed_date, states.created_date) <= {{ add_days(as_of_date(), -var('won_deal_order_days')) }}
