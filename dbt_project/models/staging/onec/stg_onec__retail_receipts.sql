{{ config(materialized='incremental') }}

with

records as (

    select * from {{ source('onec', 'retail_receipts') }}
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
    'partner_id': ['Партнер_Key|Партнер', 'ref'],
    'counterparty_id': ['Контрагент_Key|Контрагент', 'ref'],
    'manager_id': ['Менеджер_Key|Ответственный_Key|Кассир_Key|Ответственный', 'ref'],
    'warehouse_id': ['Склад_Key|Склад|СтруктурнаяЕдиница_Key|СтруктурнаяЕдиница|СтруктурнаяЕдиницаРезерв_Key|СтруктурнаяЕдиницаПродажи_Key', 'ref'],
    'contract_id': ['Договор_Key|Договор|ДоговорКонтрагента_Key|ДоговорКонтрагента', 'ref'],
    'currency_id': ['ВалютаДокумента_Key|Валюта_Key|ВалютаДокумента|Валюта|ВалютаДенежныхСредств_Key|ВалютаДенежныхСредств', 'ref'],
    'settlement_currency_id': ['ВалютаВзаиморасчетов_Key|ВалютаВзаиморасчетов', 'ref'],
    'amount': ['СуммаДокумента', 'money'],
    'rate': ['Курс|КурсВзаиморасчетов', 'rate'],
    'rate_multiplicity': ['Кратность|КратностьВзаиморасчетов', 'rate'],
    'rate_numerator': ['КурсЧислитель', 'rate'],
    'rate_denominator': ['КурсЗнаменатель', 'rate'],
    'vat_included': ['СуммаВключаетНДС|ЦенаВключаетНДС', 'boolean'],
    'goods': ['Товары|Запасы', 'json'],
    'services': ['Услуги|Работы', 'json'],
    'operation': 'ХозяйственнаяОперация|ВидОперации',
    'order_id': ['ЗаказКлиента|ЗаказКлиента_Key|Заказ|Заказ_Key|ЗаказПокупателя_Key|ЗаказПокупателя', 'ref'],
    'order_type': 'ЗаказКлиента_Type|Заказ_Type|ЗаказПокупателя_Type',
    'invoice_id': ['СчетНаОплатуПокупателю_Key|СчетНаОплатуПокупателю', 'ref'],
    'shift_id': ['КассоваяСмена_Key|КассоваяСмена', 'ref'],
    'cash_register_id': ['КассаККМ_Key|КассаККМ', 'ref'],
    'receipt_status': 'Статус|СтатусЧекаККМ',
}) }}
