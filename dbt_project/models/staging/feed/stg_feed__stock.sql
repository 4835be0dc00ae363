{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('feed', 'stock') }}

)

{{ json_fields('records', {
    'product_id': 'product_id',
    'warehouse_id': 'warehouse_id',
    'quantity': ['quantity', 'quantity'],
}) }}
