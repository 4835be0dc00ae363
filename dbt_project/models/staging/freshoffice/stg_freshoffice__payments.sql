{{ config(materialized=inlined()) }}
select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    document_id as payment_id,
    document_at as paid_at,
    cast(null as {{ text_type() }}) as direction,
    amount,
    cast(null as {{ text_type() }}) as currency_code,
    customer_id,
    cast(null as {{ text_type() }}) as order_id,
    deal_id,
    cast(null as {{ text_type() }}) as payment_method,
    cast(null as {{ text_type() }}) as organisation_id,
    cast(null as {{ text_type() }}) as purpose
from {{ ref('stg_freshoffice__documents') }}
where is_payment
