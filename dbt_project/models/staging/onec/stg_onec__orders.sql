{{ config(materialized='incremental') }}

with

records as (

    select * from {{ source('onec', 'orders') }}
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
    'manager_id': ['Менеджер_Key|Менеджер|Ответственный_Key|Ответственный', 'ref'],
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
    'changed_at': ['ДатаИзменения', 'timestamp'],
    'status': 'Статус',
    'completion': 'ВариантЗавершения',
    'is_closed': ['Закрыт', 'boolean'],
    'planned_shipment_date': ['ДатаОтгрузки', 'date'],
    'due_date': ['ДатаПлатежа|ДатаОплаты|СрокОплаты', 'date'],
    'author_id': ['Автор_Key|Автор', 'ref'],
    'author_type': 'Автор_Type',
    'basis_id': ['ДокументОснование|ДокументОснование_Key', 'ref'],
    'basis_type': 'ДокументОснование_Type',
    'customer_order_number': 'НомерПоДаннымКлиента|НомерВходящегоДокумента',
    'comment': 'Комментарий',
    'deal_reference': '_deal',
    'channel_reference': '_channel',
    'onec_deal_id': ['Сделка_Key|Сделка', 'ref'],
    'payment_stages': ['ЭтапыГрафикаОплаты|ПлатежныйКалендарь', 'json'],
}) }}
