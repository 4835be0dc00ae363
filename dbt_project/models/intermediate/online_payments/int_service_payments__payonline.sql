{{ config(materialized=inlined()) }}
select
    {{ crm_key('_source', '_key') }} as payment_key,
    _source as source,
    'service' as seen_by,
    transaction_id as service_id,
    coalesce(settled_at, created_at) as paid_at,
    case when {{ lower_case('transaction_type') }} in ('refund', 'chargeback') then 'out' else 'in' end as direction,
    amount as amount,
    currency_code as currency_code,
    order_ref as order_ref,
    {{ cast_as('null', 'varchar') }} as description,
    {{ cast_as('null', 'varchar') }} as fiscal_key
from {{ ref('stg_payonline__transactions') }}
where
    not is_deleted
    and amount > 0
    and transaction_status = 'Settled'
    and coalesce(gateway, 'Real') <> 'Test'
    and coalesce(settled_at, created_at) is not null
