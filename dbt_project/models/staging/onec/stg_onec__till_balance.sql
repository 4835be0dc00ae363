{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'till_balance') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'organisation_id': ['Организация_Key', 'ref'],
    'till_id': ['КассаККМ_Key|КассаККМ', 'ref'],
    'balance': ['СуммаBalance', 'money'],
}) }}
