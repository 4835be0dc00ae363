{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'departments') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'is_marked': ['DeletionMark', 'boolean'],
    'code': 'Code',
    'name': 'Description',
    'parent_id': ['Parent_Key', 'ref'],
}) }}
