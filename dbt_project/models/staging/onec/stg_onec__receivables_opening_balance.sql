{{ config(materialized=read_through()) }}

with

records as (

    select * from {{ source('onec', 'receivables_opening_balance') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'opened_at': ['_balance_at', 'timestamp'],
    'organisation_id': ['Организация_Key', 'ref'],
    'partner_id': ['Партнер_Key', 'ref'],
    'partner_key_id': ['АналитикаУчетаПоПартнерам_Key', 'ref'],
    'counterparty_id': ['Контрагент_Key|Контрагент|ExtDimension1', 'ref'],
    'contract_id': ['Договор_Key|Договор|ExtDimension2', 'ref'],
    'order_id': ['ЗаказКлиента|Заказ|ОбъектРасчетов_Key|ОбъектРасчетов', 'ref'],
    'order_type': 'ЗаказКлиента_Type|Заказ_Type|ОбъектРасчетов_Type',
    'document_id': ['Документ|ExtDimension3', 'ref'],
    'document_type': 'Документ_Type|ExtDimension3_Type',
    'currency_id': ['Валюта_Key|Валюта|ВалютаДокумента_Key', 'ref'],
    'balance': ['СуммаBalance', 'money'],
    'foreign_balance': ['ВалютнаяСуммаBalance|СуммаВалBalance', 'money'],
}) }}
