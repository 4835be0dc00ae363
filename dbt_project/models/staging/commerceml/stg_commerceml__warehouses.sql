{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('commerceml', 'warehouses') }}

)

{{ json_fields('records', {'warehouse_name': 'Наименование|"@Наименование"'}) }}
