{{ config(materialized=inlined()) }}
with

lines as (

    {{ explode_json(ref('stg_freshoffice__documents'), 'goods', {
        'product_id': 'tovar|product_id|name',
        'quantity': ['kol_vo|quantity', 'quantity'],
        'price': ['price', 'number'],
        'amount': ['summa|sum', 'money'],
    }, ['_source', '_key', '_modified_at', '_loaded_at', '_load_id', 'is_deleted', 'document_id', 'is_order']) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    document_id as order_id,
    item_number as line_number,
    product_id,
    quantity,
    price,
    {{ cast_as('null', 'decimal(18,2)') }} as discount,
    coalesce(amount, cast(quantity * price as {{ decimal_type(18, 2) }}), 0) as amount,
    {{ cast_as('null', 'decimal(18,2)') }} as vat,
    false as is_cancelled
from lines
where is_order
