{{ config(materialized='incremental', unique_key=['_source', '_key', '_loaded_at']) }}

with

records as (

    select
        *,
        _seen_at as _loaded_at
    from {{ source('onec', 'orders__versions') }}
    {{ new_loads() }}

)

{{ json_fields('records', {
    'configuration': '_configuration',
    'document_number': 'Number',
    'document_at': ['Date', 'timestamp'],
    'is_posted': ['Posted', 'boolean'],
    'is_marked': ['DeletionMark', 'boolean'],
    'manager_id': ['Менеджер_Key|Менеджер|Ответственный_Key|Ответственный', 'ref'],
    'amount': ['СуммаДокумента', 'money'],
    'goods': ['Товары|Запасы', 'json'],
    'services': ['Услуги|Работы', 'json'],
    'status': 'Статус|СостояниеЗаказа|СостояниеЗаказа_Key',
    'completion': 'ВариантЗавершения',
    'is_closed': ['Закрыт', 'boolean'],
}) }}
