{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'products') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'is_marked': ['DeletionMark', 'boolean'],
    'code': 'Code',
    'name': 'Description',
    'full_name': 'НаименованиеПолное',
    'is_folder': ['IsFolder', 'boolean'],
    'parent_id': ['Parent_Key', 'ref'],
    'sku': 'Артикул',
    'item_kind': 'ТипНоменклатуры|ВидНоменклатуры',
    'is_service': ['Услуга', 'boolean'],
    'category_id': ['ТоварнаяКатегория_Key|КатегорияНоменклатуры_Key|НоменклатурнаяГруппа_Key', 'ref'],
    'kind_id': ['ВидНоменклатуры_Key', 'ref'],
    'unit_id': ['ЕдиницаИзмерения_Key|ЕдиницаИзмерения', 'ref'],
}) }}
