{{ config(materialized='ephemeral') }}

with

records as (

    select * from {{ source('onec', 'deals') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'is_marked': ['DeletionMark', 'boolean'],
    'code': 'Code',
    'name': 'Description',
    'partner_id': ['Партнер_Key', 'ref'],
    'responsible_id': ['Ответственный_Key', 'ref'],
    'status': 'Статус',
    'is_closed': ['Закрыта', 'boolean'],
    'loss_reason_id': ['ПричинаПроигрышаСделки_Key', 'ref'],
    'started_at': ['ДатаНачала', 'timestamp'],
    'finished_at': ['ДатаОкончания', 'timestamp'],
}) }}
