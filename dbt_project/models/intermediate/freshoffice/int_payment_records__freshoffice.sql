{{ config(materialized=inlined()) }}
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
from {{ ref('int_told_payments__freshoffice') }}
where payment_key not in (select twins.payment_key from {{ ref('int_payment_twins') }} as twins)
