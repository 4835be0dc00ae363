{{ config(materialized=inlined()) }}
with

records as (

    select
        *,
        _seen_at as _loaded_at
    from {{ source('feed', 'order_lines__versions') }}

)

{{ json_fields('records', {
    'order_id': 'order_id',
    'product_id': 'product_id',
    'quantity': ['quantity', 'quantity'],
    'amount': ['amount', 'money'],
    'is_cancelled': ['is_cancelled', 'boolean'],
}) }}
