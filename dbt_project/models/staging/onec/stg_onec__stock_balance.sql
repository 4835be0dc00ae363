{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'stock_balance') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'product_id': ['Номенклатура_Key|Номенклатура|ExtDimension1', 'ref'],
    'product_key_id': ['АналитикаУчетаНоменклатуры_Key', 'ref'],
    'warehouse_id': ['Склад_Key|Склад|СтруктурнаяЕдиница_Key|СтруктурнаяЕдиница|ExtDimension2', 'ref'],
    'organisation_id': ['Организация_Key', 'ref'],
    'quantity': ['ВНаличииBalance|КоличествоBalance', 'quantity'],
    'cost': ['СтоимостьBalance|СтоимостьБезНДСBalance|СуммаBalance', 'money'],
}) }}
