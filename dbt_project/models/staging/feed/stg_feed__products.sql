{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('feed', 'products') }}

)

{{ json_fields('records', {
    'product_id': 'id',
    'product_name': 'name',
    'sku': 'sku',
    'category': 'category',
    'unit': 'unit',
}) }}
