{{ config(materialized=inlined()) }}
select
    _source,
    is_deleted,
    document_id as payment_id,
    {{ source_instant("cast(document_date as timestamp)") }} as paid_at,
    case when operation like 'Возврат%' then 'out' else 'in' end as direction,
    amount,
    currency_code,
    rate,
    customer_id,
    order_id,
    cast(null as {{ text_type() }}) as deal_id,
    case when operation like '%безналичных%' then 'bank' else 'cash' end as payment_method,
    cast(null as {{ text_type() }}) as organisation_id
from {{ ref('stg_commerceml__kept_documents') }}
where operation in ('Выплата безналичных денег', 'Выплата наличных денег', 'Возврат безналичных денег', 'Возврат наличных денег')
