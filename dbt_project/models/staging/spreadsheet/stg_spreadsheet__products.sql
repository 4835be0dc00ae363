{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('spreadsheet', 'products') }}

)

{{ json_fields('records', {
    'sku': 'sku',
    'product_name': 'product_name',
    'category': 'category',
    'unit': 'unit',
    'price': ['price', 'money'],
}) }}
