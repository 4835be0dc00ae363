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
    {{ business_date('document_at') }} as order_date,
    customer_id,
    manager_id,
    deal_id,
    amount,
    {{ cast_as('null', 'decimal(18,2)') }} as vat,
    cast(null as {{ text_type() }}) as currency_code,
    cast(null as {{ text_type() }}) as order_status,
    {{ cast_as('null', 'date') }} as due_date,
    cast(null as {{ text_type() }}) as organisation_id
from {{ ref('stg_freshoffice__documents') }}
where is_order
