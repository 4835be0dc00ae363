-- A deal is compared with all its orders that were not cancelled: in the deal's currency where all have it, else in the company's, which
-- a sum without a rate does not have (missing_exchange_rate tells of it). Rates of two days make no difference between equal sums.
with

orders_of_deals as (

    select
        links.deal_key as deal_key,
        sum(orders.amount) as amount,
        case
            when count(case when orders.amount <> 0 and orders.rate_to_base is null then 1 end) = 0
                then coalesce(sum({{ round_money('orders.amount * orders.rate_to_base') }}), 0)
        end as amount_base,
        max(orders.rate_to_base) as rate_to_base,
        min(orders.currency_code) as currency_code,
        count(distinct orders.currency_code) as currencies,
        min(orders.order_key) as order_key,
        max(orders.order_key) as last_order_key,
        {{ text_list('orders.order_number', ', ') }} as order_numbers,
        max(orders.order_date) as order_date
    from {{ ref('int_order_deals') }} as links
    inner join {{ ref('int_orders') }} as orders on links.order_key = orders.order_key
    where not orders.is_cancelled and orders.order_date <= {{ as_of_date() }}
    group by links.deal_key

),

compared as (

    select
        states.deal_key as deal_key,
        states.customer_key as customer_key,
        states.manager_key as manager_key,
        deals.deal_name,
        deals.currency_code as currency_code,
        orders.order_key,
        orders.last_order_key,
        orders.order_numbers,
        orders.order_date,
        orders.currencies = 1 and orders.currency_code = deals.currency_code as is_same_currency,
        orders.currency_code as order_currency_code,
        coalesce(deals.amount, 0) as deal_amount,
        case when coalesce(deals.amount, 0) = 0 then 0 else deals.amount_base end as deal_amount_base,
        orders.amount as order_amount,
        orders.amount_base as order_amount_base,
        orders.rate_to_base as rate_to_base
    from orders_of_deals as orders
    inner join {{ ref('int_deal_states_as_of') }} as states on orders.deal_key = states.deal_key
    inner join {{ ref('int_deals') }} as deals on orders.deal_key = deals.deal_key
    where states.deal_status <> 'lost'

),

measured as (

    select
        *,
        case
            when is_same_currency then {{ round_money('abs(order_amount - deal_amount) * rate_to_base') }}
            else {{ round_money('abs(order_amount_base - deal_amount_base)') }}
        end as at_stake
    from compared

)

select
    deal_key as issue_id,
    {{ issue_severity('at_stake') }} as severity,
    customer_key,
    manager_key,
    deal_key,
    case when order_key = last_order_key then order_key end as order_key,
    {{ no_key() }} as payment_key,
    at_stake as amount,
    order_date as occurred_date,
    {{ reconciliation_sentence('amount_differs', {
        'deal': 'deal_name',
        'deal_amount': 'case when is_same_currency then deal_amount else deal_amount_base end',
        'currency': "case when is_same_currency then currency_code else '" ~ var('base_currency') ~ "' end",
        'numbers': 'order_numbers',
        'order_amount': 'case when is_same_currency then order_amount else order_amount_base end',
        'order_currency': "case when is_same_currency then order_currency_code else '" ~ var('base_currency') ~ "' end",
    }) }} as details
from measured
where
    (is_same_currency and {{ differs('order_amount', 'deal_amount') }})
    or (not is_same_currency and {{ differs('order_amount_base', 'deal_amount_base') }})
