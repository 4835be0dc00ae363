with

records as (

    select * from {{ source('onec', 'product_keys') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'is_marked': ['DeletionMark', 'boolean'],
    'product_id': ['Номенклатура_Key|Номенклатура', 'ref'],
    'warehouse_id': ['МестоХранения|МестоХранения_Key|Склад|Склад_Key|СкладскаяТерритория_Key', 'ref'],
}) }}
