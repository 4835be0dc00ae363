{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'units') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'is_marked': ['DeletionMark', 'boolean'],
    'code': 'Code',
    'name': 'Description',
    'full_name': 'НаименованиеПолное',
    'product_id': ['Owner_Key|Owner', 'ref'],
}) }}
