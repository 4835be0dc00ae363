{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'deals') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'is_marked': ['DeletionMark', 'boolean'],
    'code': 'Code|Number',
    'name': 'Description|Тема',
    'partner_id': ['Партнер_Key|Партнер', 'ref'],
    'responsible_id': ['Ответственный_Key|Ответственный', 'ref'],
    'status': 'Статус',
    'is_closed': ['Закрыта', 'boolean'],
    'loss_reason_id': ['ПричинаПроигрышаСделки_Key', 'ref'],
    'started_at': ['ДатаНачала|Date', 'timestamp'],
    'finished_at': ['ДатаОкончания', 'timestamp'],
    'amount': ['_amount', 'money'],
}) }}
