{{ config(materialized=read_through()) }}

-- Money that settles what customers owe, in by as_of and signed: their payments, and what they had paid ahead when the first loaded day
-- began.
select
    payment_key,
    payment_date,
    customer_key,
    order_key,
    currency_code,
    amount_base,
    settled
from {{ ref('int_payments') }}
where is_customer_money and payment_date <= {{ as_of_date() }}

union all

select
    opening.opening_key as payment_key,
    opening.opened_on as payment_date,
    opening.customer_key as customer_key,
    orders.order_key as order_key,
    opening.currency_code as currency_code,
    {{ round_money('-opening.balance * opening.rate_to_base') }} as amount_base,
    -opening.balance as settled
from {{ ref('int_opening_balances') }} as opening
left join {{ ref('int_orders') }} as orders
    on opening.loaded_order_key = orders.order_key and opening.currency_code = orders.currency_code
where opening.balance < 0 and opening.opened_on <= {{ as_of_date() }}
