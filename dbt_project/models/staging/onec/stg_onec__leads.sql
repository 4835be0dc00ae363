{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'leads') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'is_marked': ['DeletionMark', 'boolean'],
    'code': 'Code',
    'name': 'Description',
    'company_name': 'НаименованиеКомпании',
    'subject': 'Тема',
    'created_at': ['ДатаСоздания', 'timestamp'],
    'closed_at': ['ДатаЗакрытия', 'timestamp'],
    'state_id': ['СостояниеЛида_Key|СостояниеЛида', 'ref'],
    'completion': 'ВариантЗавершения',
    'origin_id': ['ИсточникПривлечения_Key', 'ref'],
    'responsible_id': ['Ответственный_Key|Ответственный', 'ref'],
    'counterparty_id': ['Контрагент_Key', 'ref'],
    'contacts': ['КонтактнаяИнформация', 'json'],
}) }}
