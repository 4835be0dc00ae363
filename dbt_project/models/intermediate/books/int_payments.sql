-- All money: what the books hold, and payments of services that no document of the books counts.
select
    payment_key,
    source,
    document_key,
    paid_at,
    payment_date,
    organisation_key,
    account_key,
    article_key,
    operation_kind,
    customer_key,
    counterparty_card_key,
    order_key,
    order_manager_key,
    payment_method,
    direction,
    amount,
    currency_code,
    rate_to_base,
    amount_base,
    settled,
    is_customer_money,
    is_own
from {{ ref('int_book_payments') }}
{%- if has_service_payments() %}

union all

select
    payments.payment_key as payment_key,
    payments.source as source,
    payments.payment_key as document_key,
    payments.paid_at as paid_at,
    payments.payment_date as payment_date,
    {{ cast_as('null', 'varchar') }} as organisation_key,
    {{ cast_as('null', 'varchar') }} as account_key,
    {{ cast_as('null', 'varchar') }} as article_key,
    'online' as operation_kind,
    payments.customer_key as customer_key,
    {{ cast_as('null', 'varchar') }} as counterparty_card_key,
    payments.order_key as order_key,
    orders.manager_key as order_manager_key,
    'online' as payment_method,
    payments.direction as direction,
    payments.amount as amount,
    payments.currency_code as currency_code,
    rates.rate_to_base as rate_to_base,
    {{ round_money("payments.amount * rates.rate_to_base * case when payments.direction = 'out' then -1 else 1 end") }} as amount_base,
    case
        when payments.order_key is null or payments.currency_code = orders.currency_code then payments.amount
        else {{ round_money(quotient('payments.amount * rates.rate_to_base', 'orders.rate_to_base')) }}
    end * case when payments.direction = 'out' then -1 else 1 end as settled,
    true as is_customer_money,
    false as is_own
from {{ ref('int_service_payment_links') }} as payments
left join {{ ref('int_orders') }} as orders on payments.order_key = orders.order_key
{{ join_rate('rates', 'payments.currency_code', 'payments.payment_date') }}
where payments.counted_payment_key = payments.payment_key
{%- endif %}
