{{ config(materialized=inlined()) }}
select
    {{ crm_key('_source', '_key') }} as payment_key,
    _source as source,
    'service' as seen_by,
    transaction_id as service_id,
    coalesce(confirmed_at, created_at) as paid_at,
    -- the kind comes as a word or as its number: 0 payment, 1 refund, 2 payout to a card
    case when {{ lower_case('transaction_type') }} in ('refund', '1') then 'out' else 'in' end as direction,
    amount as amount,
    currency_code as currency_code,
    order_ref as order_ref,
    description as description,
    {{ cast_as('null', 'varchar') }} as fiscal_key
from {{ ref('stg_cloudpayments__payments') }}
where
    not is_deleted
    and amount > 0
    and transaction_status = 'Completed'
    and coalesce({{ lower_case('transaction_type') }}, '0') not in ('cardpayout', '2')
    and not coalesce(is_test, false)
    and coalesce(confirmed_at, created_at) is not null
