{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('feed', 'order_lines') }}

)

{{ json_fields('records', {
    'order_id': 'order_id',
    'line_number': ['line_number', 'integer'],
    'product_id': 'product_id',
    'quantity': ['quantity', 'quantity'],
    'price': ['price', 'number'],
    'discount': ['discount', 'money'],
    'amount': ['amount', 'money'],
    'vat': ['vat', 'money'],
    'is_cancelled': ['is_cancelled', 'boolean'],
}) }}
