{{ config(materialized=inlined()) }}
select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    document_id as order_id,
    document_number as order_number,
    document_date as order_date,
    customer_id,
    cast(null as {{ text_type() }}) as manager_id,
    cast(null as {{ text_type() }}) as deal_id,
    amount,
    cast(null as {{ decimal_type(18, 2) }}) as vat,
    currency_code,
    rate,
    case when is_cancelled then 'cancelled' when is_final then 'closed' else 'open' end as order_status,
    due_date,
    cast(null as {{ text_type() }}) as organisation_id
from {{ ref('stg_commerceml__kept_documents') }}
where operation in ('Заказ товара', 'Order')
