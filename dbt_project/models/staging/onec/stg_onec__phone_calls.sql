{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'phone_calls') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'document_number': 'Number',
    'document_at': ['Date', 'timestamp'],
    'is_posted': ['Posted', 'boolean'],
    'is_marked': ['DeletionMark', 'boolean'],
    'organisation_id': ['Организация_Key|Организация', 'ref'],
    'is_incoming': ['Входящий', 'boolean'],
    'phone': 'АбонентКакСвязаться',
    'contact_id': ['АбонентКонтакт', 'ref'],
    'contact_type': 'АбонентКонтакт_Type',
    'responsible_id': ['Ответственный_Key|Ответственный|Автор_Key|Автор', 'ref'],
    'subject': 'Тема',
    'basis_id': ['ВзаимодействиеОснование', 'ref'],
    'basis_type': 'ВзаимодействиеОснование_Type',
}) }}
