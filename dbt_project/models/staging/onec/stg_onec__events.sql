{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'events') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'document_number': 'Number',
    'document_at': ['Date', 'timestamp'],
    'is_posted': ['Posted', 'boolean'],
    'is_marked': ['DeletionMark', 'boolean'],
    'organisation_id': ['Организация_Key|Организация', 'ref'],
    'event_kind': 'ТипСобытия|ВидВзаимодействия',
    'event_direction': 'ВходящееИсходящееСобытие',
    'counterparty_id': ['Контрагент_Key|Контрагент', 'ref'],
    'responsible_id': ['Ответственный_Key|Ответственный|Автор_Key|Автор', 'ref'],
    'subject': 'Тема',
    'starts_at': ['НачалоСобытия|ДатаНачала', 'timestamp'],
    'ends_at': ['ОкончаниеСобытия|ДатаОкончания', 'timestamp'],
}) }}
