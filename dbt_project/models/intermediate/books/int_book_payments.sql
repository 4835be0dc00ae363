{#- A table only where payment services are read too: else int_payments alone reads it. -#}
{{ config(materialized='table' if has_service_payments() else 'ephemeral') }}
-- Money as the books hold it: documents of 1C, and what other systems tell of that no document of 1C is.
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
from {{ ref('int_onec_payments') }}
{{ and_union_of('int_payment_records', [
    'payment_key', 'source', 'document_key', 'paid_at', 'payment_date', 'organisation_key', 'account_key', 'article_key', 'operation_kind',
    'customer_key', 'counterparty_card_key', 'order_key', 'order_manager_key', 'payment_method', 'direction', 'amount', 'currency_code',
    'rate_to_base', 'amount_base', 'settled', 'is_customer_money', 'is_own',
]) }}
