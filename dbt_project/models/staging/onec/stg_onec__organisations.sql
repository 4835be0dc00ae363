{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'organisations') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'is_marked': ['DeletionMark', 'boolean'],
    'code': 'Code',
    'name': 'Description',
    'full_name': 'НаименованиеПолное',
    'tax_id': 'ИНН',
    'kpp': 'КПП',
}) }}
