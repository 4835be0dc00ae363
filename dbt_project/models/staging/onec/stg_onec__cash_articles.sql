{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'cash_articles') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'is_marked': ['DeletionMark', 'boolean'],
    'code': 'Code',
    'name': 'Description',
    'is_folder': ['IsFolder', 'boolean'],
    'parent_id': ['Parent_Key', 'ref'],
}) }}
