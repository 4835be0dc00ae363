{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('onec', 'payables_balance') }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'account': '_account',
    'organisation_id': ['Организация_Key', 'ref'],
    'partner_key_id': ['АналитикаУчетаПоПартнерам_Key', 'ref'],
    'counterparty_id': ['Контрагент_Key|Контрагент|ExtDimension1', 'ref'],
    'contract_id': ['Договор_Key|Договор|ExtDimension2', 'ref'],
    'document_id': ['РасчетныйДокумент|РасчетныйДокумент_Key|Документ|Документ_Key|ExtDimension3', 'ref'],
    'order_id': ['ЗаказПоставщику_Key|ЗаказПоставщику|Заказ_Key|Заказ', 'ref'],
    'settlement_object_id': ['ОбъектРасчетов_Key|ОбъектРасчетов', 'ref'],
    'settlement_kind': 'ТипРасчетов',
    'arisen_at': ['ДатаВозникновения', 'timestamp'],
    'due_date': ['ДатаПлановогоПогашения', 'date'],
    'currency_id': ['Валюта_Key|Валюта', 'ref'],
    'debt': ['ДолгBalance', 'money'],
    'debt_in_accounts': ['ДолгРеглBalance', 'money'],
    'balance': ['СуммаBalance', 'money'],
    'credit': ['СуммаBalanceCr', 'money'],
    'debit': ['СуммаBalanceDr', 'money'],
    'foreign_credit': ['ВалютнаяСуммаBalanceCr', 'money'],
    'foreign_debit': ['ВалютнаяСуммаBalanceDr', 'money'],
}) }}
