{{ config(materialized='incremental') }}

{%- set fields = {
    'order_id': ['Заказ|Заказ_Key|ЗаказКлиента|ЗаказКлиента_Key|ЗаказПокупателя_Key|ЗаказПокупателя', 'ref'],
    'order_type': 'Заказ_Type|ЗаказКлиента_Type',
    'basis_id': ['ОснованиеПлатежа|ОснованиеПлатежа_Key|ОбъектРасчетов_Key|Документ|СчетНаОплату_Key', 'ref'],
    'basis_type': 'ОснованиеПлатежа_Type|Документ_Type',
    'partner_id': ['Партнер_Key|Партнер', 'ref'],
    'counterparty_id': ['Контрагент_Key|Контрагент', 'ref'],
    'contract_id': ['Договор_Key|ДоговорКонтрагента_Key', 'ref'],
    'article_id': ['СтатьяДвиженияДенежныхСредств_Key|Статья_Key', 'ref'],
    'amount': ['Сумма|СуммаПлатежа', 'money'],
    'settlement_amount': ['СуммаВзаиморасчетов|СуммаРасчетов', 'money'],
    'rate': ['Курс|КурсВзаиморасчетов', 'rate'],
    'rate_multiplicity': ['Кратность|КратностьВзаиморасчетов', 'rate'],
} -%}

with

documents as (

    select * from {{ ref('stg_onec__cash_payments') }}
    {{ new_loads() }}

),

rows_sent as (

    {{ explode_json('documents', 'splits', fields, ['_source', '_key', '_load_id']) }}

)

select
    _source,
    _key,
    _load_id,
    {{ cast_as('item_number', 'integer') }} as line_number,
    order_id,
    order_type,
    basis_id,
    basis_type,
    partner_id,
    counterparty_id,
    contract_id,
    article_id,
    amount,
    settlement_amount,
    rate,
    rate_multiplicity,
    _uncast_fields
from rows_sent
