{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'bank_accounts') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'is_marked': ['DeletionMark', 'boolean'],
    'code': 'Code',
    'name': 'Description',
    'owner_id': ['Owner_Key|Owner|Владелец_Key|Организация_Key', 'ref'],
    'owner_type': 'Owner_Type',
    'currency_id': ['ВалютаДенежныхСредств_Key|ВалютаПоУмолчанию_Key|Валюта_Key', 'ref'],
}) }}
