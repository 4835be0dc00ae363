{{ config(materialized=inlined()) }}
with

records as (

    select
        *,
        _seen_at as _loaded_at
    from {{ source('creatio', 'order_lines__versions') }}

),

parsed as (

    {{ json_fields('records', {
        'order_id': ['OrderId', 'ref'],
        'product_id': ['ProductId', 'ref'],
        'quantity': ['Quantity', 'quantity'],
        'amount': ['TotalAmount|Amount', 'money'],
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    order_id,
    product_id,
    quantity,
    amount,
    false as is_cancelled
from parsed
