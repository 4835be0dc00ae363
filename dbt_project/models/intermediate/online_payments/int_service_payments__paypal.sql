{{ config(materialized=inlined()) }}
-- T00xx are payments, T11xx refunds and reversals; fees, holds, transfers and what the company pays to others are not money of customers.
select
    {{ crm_key('_source', '_key') }} as payment_key,
    _source as source,
    'service' as seen_by,
    transaction_id as service_id,
    created_at as paid_at,
    case when amount < 0 then 'out' else 'in' end as direction,
    abs(amount) as amount,
    currency_code as currency_code,
    order_ref as order_ref,
    description as description,
    {{ cast_as('null', 'varchar') }} as fiscal_key
from {{ ref('stg_paypal__transactions') }}
where
    not is_deleted
    and amount <> 0
    and transaction_status = 'S'
    and ((event_code like 'T00%' and amount > 0) or event_code like 'T11%')
    and created_at is not null
