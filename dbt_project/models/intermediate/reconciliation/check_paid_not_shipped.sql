-- Money that names an order beyond what was shipped by it, once some days have passed since the last payment; a cancelled order at once.
with

last_payments as (

    select
        order_key,
        max(payment_date) as paid_date
    from {{ ref('int_payments') }}
    where is_customer_money and direction = 'in' and order_key is not null and payment_date <= {{ as_of_date() }}
    group by order_key

)

select
    orders.order_key as issue_id,
    {{ issue_severity('(settlements.paid_named - settlements.shipped) * orders.rate_to_base') }} as severity,
    orders.customer_key as customer_key,
    orders.manager_key as manager_key,
    links.deal_key as deal_key,
    orders.order_key as order_key,
    {{ no_key() }} as payment_key,
    {{ round_money('(settlements.paid_named - settlements.shipped) * orders.rate_to_base') }} as amount,
    last_payments.paid_date as occurred_date,
    {%- set values = {
        'number': 'orders.order_number', 'date': 'orders.order_date', 'paid': 'settlements.paid_named', 'currency': 'orders.currency_code',
        'shipped': 'settlements.shipped', 'paid_date': 'last_payments.paid_date',
    } %}
    case
        when orders.is_cancelled then {{ reconciliation_sentence('cancelled_order_paid', values) }}
        else {{ reconciliation_sentence('paid_not_shipped', values) }}
    end as details
from {{ ref('int_order_settlements') }} as settlements
inner join {{ ref('int_orders') }} as orders on settlements.order_key = orders.order_key
inner join last_payments on settlements.order_key = last_payments.order_key
left join {{ ref('int_order_deals_as_of') }} as links on settlements.order_key = links.order_key
where
    orders.order_date <= {{ as_of_date() }}
    and settlements.paid_named > settlements.shipped
    and {{ differs('settlements.shipped', 'settlements.paid_named') }}
    and (orders.is_cancelled or last_payments.paid_date <= {{ add_days(as_of_date(), -var('paid_not_shipped_days')) }})
