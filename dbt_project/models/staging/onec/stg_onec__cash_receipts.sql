{{ config(materialized='incremental') }}

with

records as (

    select * from {{ source('onec', 'cash_receipts') }}
    {{ new_loads() }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'document_number': 'Number',
    'document_at': ['Date', 'timestamp'],
    'is_posted': ['Posted', 'boolean'],
    'is_marked': ['DeletionMark', 'boolean'],
    'organisation_id': ['Организация_Key|Организация', 'ref'],
    'operation': 'ХозяйственнаяОперация|ВидОперации',
    'partner_id': ['Партнер_Key|Партнер', 'ref'],
    'counterparty_id': ['Контрагент_Key|Контрагент', 'ref'],
    'counterparty_type': 'Контрагент_Type',
    'manager_id': ['Менеджер_Key|Ответственный_Key', 'ref'],
    'contract_id': ['Договор_Key|Договор|ДоговорКонтрагента_Key|ДоговорКонтрагента', 'ref'],
    'currency_id': ['ВалютаДокумента_Key|Валюта_Key|ВалютаДокумента|Валюта|ВалютаДенежныхСредств_Key|ВалютаДенежныхСредств', 'ref'],
    'settlement_currency_id': ['ВалютаВзаиморасчетов_Key|ВалютаВзаиморасчетов', 'ref'],
    'amount': ['СуммаДокумента', 'money'],
    'rate': ['Курс|КурсВзаиморасчетов', 'rate'],
    'rate_multiplicity': ['Кратность|КратностьВзаиморасчетов', 'rate'],
    'rate_numerator': ['КурсЧислитель', 'rate'],
    'rate_denominator': ['КурсЗнаменатель', 'rate'],
    'account_id': ['БанковскийСчет_Key|БанковскийСчет|БанковскийСчетОрганизации_Key|СчетОрганизации_Key|Касса_Key|Касса|КассаОрганизации_Key|ЭквайринговыйТерминал_Key', 'ref'],
    'article_id': ['СтатьяДвиженияДенежныхСредств_Key|СтатьяДвиженияДенежныхСредств|Статья_Key|Статья', 'ref'],
    'purpose': 'НазначениеПлатежа',
    'is_conducted': ['ПроведеноБанком', 'boolean'],
    'conducted_at': ['ДатаПроведенияБанком|ДатаПроведения', 'timestamp'],
    'terminal_id': ['ЭквайринговыйТерминал_Key|ЭквайринговыйТерминал', 'ref'],
    'order_id': ['ЗаказКлиента|ЗаказКлиента_Key|Заказ|Заказ_Key|ЗаказПокупателя_Key|ЗаказПокупателя', 'ref'],
    'order_type': 'ЗаказКлиента_Type|Заказ_Type|ЗаказПокупателя_Type',
    'invoice_id': ['СчетНаОплатуПокупателю_Key|СчетНаОплатуПокупателю', 'ref'],
    'basis_id': ['ДокументОснование|ДокументОснование_Key', 'ref'],
    'basis_type': 'ДокументОснование_Type',
    'splits': ['РасшифровкаПлатежа', 'json'],
}) }}
