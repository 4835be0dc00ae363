{#- Money first: an order that waits for money and for goods is told by its money. -#}
{% set waits_for_money -%}
is_order and order_status in ('open', 'shipped')
        and (late_stage_date is not null or (debt_base > 0 and due_date < {{ as_of_date() }}))
{%- endset -%}
{% set waits_for_goods = "is_order and order_status = 'open' and paid_date is not null" -%}
with

paid_in_full as (

    select
        orders.order_key as order_key,
        min(payments.payment_date) as paid_date
    from {{ ref('int_orders') }} as orders
    inner join {{ ref('int_order_payments') }} as payments
        on orders.order_key = payments.order_key and orders.amount <= payments.paid_to
    where orders.amount > 0
    group by orders.order_key

),

late_stages as (

    select
        order_key,
        min(due_date) as due_date,
        {{ round_money('sum((planned - paid) * rate_to_base)') }} as late_base
    from {{ ref('int_order_stages') }}
    where not is_closed and due_date < {{ as_of_date() }}
    group by order_key

),

orders as (

    select
        orders.order_key as order_key,
        orders.source as source,
        orders.order_number as order_number,
        orders.order_date as order_date,
        organisations.organisation_key as organisation_key,
        orders.customer_key as customer_key,
        orders.manager_key as manager_key,
        links.deal_key as deal_key,
        -- a deal that is made after as_of has brought nobody yet
        case when deals.created_at >= {{ as_of_end() }} then channels.channel else coalesce(deals.channel, channels.channel) end as channel,
        orders.order_channel as order_channel,
        case
            when orders.is_cancelled then 'cancelled'
            when orders.is_closed then 'closed'
            -- what was returned later does not open the order again: nothing more of it is to be shipped
            when settlements.shipped_in_all >= orders.amount and settlements.shipped_in_all > 0 and settlements.debt = 0 then 'closed'
            when settlements.shipped_in_all >= orders.amount and settlements.shipped_in_all > 0 then 'shipped'
            when not orders.is_order and orders.amount <= 0 and settlements.first_shipped_date is null then 'closed'
            else 'open'
        end as order_status,
        orders.amount as amount,
        orders.currency_code as currency_code,
        {{ round_money('orders.amount * orders.rate_to_base') }} as amount_base,
        {{ round_money('orders.vat * orders.rate_to_base') }} as vat_base,
        settlements.shipped_base as shipped_base,
        settlements.paid_base as paid_base,
        settlements.debt_base as debt_base,
        due_dates.due_date as due_date,
        orders.is_order as is_order,
        orders.is_cancelled as is_cancelled,
        orders.source_url as source_url,
        settlements.first_shipped_date as first_shipped_date,
        links.link_rule as deal_link_rule,
        paid_in_full.paid_date as paid_date,
        {{ days_between('orders.order_date', 'settlements.first_shipped_date') }} as days_to_shipment,
        {{ days_between('orders.order_date', 'paid_in_full.paid_date') }} as days_to_payment,
        late_stages.due_date as late_stage_date,
        late_stages.late_base as late_stage_base
    from {{ ref('int_orders') }} as orders
    left join {{ ref('int_order_settlements') }} as settlements on orders.order_key = settlements.order_key
    left join {{ ref('int_order_due_dates') }} as due_dates on orders.order_key = due_dates.order_key
    left join {{ ref('int_order_deals') }} as links on orders.order_key = links.order_key
    left join {{ ref('int_deals') }} as deals on links.deal_key = deals.deal_key
    left join {{ ref('int_customer_channels') }} as channels on orders.customer_key = channels.customer_key
    left join paid_in_full on orders.order_key = paid_in_full.order_key
    left join late_stages on orders.order_key = late_stages.order_key
    left join {{ ref('dim_organisations') }} as organisations on orders.organisation_key = organisations.organisation_key

)

select
    order_key,
    source,
    order_number,
    order_date,
    organisation_key,
    customer_key,
    manager_key,
    deal_key,
    channel,
    order_channel,
    order_status,
    amount,
    currency_code,
    amount_base,
    vat_base,
    shipped_base,
    paid_base,
    debt_base,
    due_date,
    is_order,
    is_cancelled,
    source_url,
    first_shipped_date,
    deal_link_rule,
    paid_date,
    days_to_shipment,
    days_to_payment,
    case when {{ waits_for_money }} then 'payment' when {{ waits_for_goods }} then 'shipment' end as late_step,
    case when {{ waits_for_money }} then coalesce(late_stage_date, due_date) when {{ waits_for_goods }} then paid_date end as late_since,
    case
        when {{ waits_for_money }} then case when late_stage_date is not null then late_stage_base else debt_base end
        when {{ waits_for_goods }} then cast(greatest(amount_base - coalesce(shipped_base, 0), 0) as {{ decimal_type(18, 2) }})
    end as late_base
from orders
