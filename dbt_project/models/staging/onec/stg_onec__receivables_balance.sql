{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'receivables_balance') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'organisation_id': ['Организация_Key', 'ref'],
    'partner_id': ['Партнер_Key', 'ref'],
    'partner_key_id': ['АналитикаУчетаПоПартнерам_Key', 'ref'],
    'counterparty_id': ['Контрагент_Key|Контрагент|ExtDimension1', 'ref'],
    'contract_id': ['Договор_Key|Договор|ExtDimension2', 'ref'],
    'document_id': ['ЗаказКлиента|Заказ|ОбъектРасчетов_Key|ОбъектРасчетов|Документ|ExtDimension3', 'ref'],
    'currency_id': ['Валюта_Key|Валюта|ВалютаДокумента_Key', 'ref'],
    'settlement_kind': 'ТипРасчетов',
    'balance': ['СуммаBalance|СуммаВалBalance', 'money'],
}) }}
