{{ config(materialized='incremental') }}

{%- set fields = {
    'row_number_sent': ['LineNumber', 'integer'],
    'period': ['Period', 'date'],
    'is_active': ['Active', 'boolean'],
    'product_key_id': ['АналитикаУчетаНоменклатуры_Key', 'ref'],
    'product_id': ['Номенклатура_Key|Номенклатура', 'ref'],
    'partner_key_id': ['АналитикаУчетаПоПартнерам_Key', 'ref'],
    'partner_id': ['Партнер_Key', 'ref'],
    'counterparty_id': ['Контрагент_Key|Контрагент', 'ref'],
    'organisation_id': ['Организация_Key', 'ref'],
    'warehouse_id': ['Склад|Склад_Key|СтруктурнаяЕдиница_Key', 'ref'],
    'manager_id': ['Менеджер_Key|Ответственный_Key|Ответственный', 'ref'],
    'order_id': ['ЗаказКлиента|ЗаказКлиента_Key|ЗаказПокупателя_Key|ЗаказПокупателя|Заказ', 'ref'],
    'order_type': 'ЗаказКлиента_Type|ЗаказПокупателя_Type|Заказ_Type',
    'movement_id': ['ДокументДвижения|Документ|Документ_Key', 'ref'],
    'operation': 'ХозяйственнаяОперация',
    'quantity': ['Количество', 'quantity'],
    'revenue': ['СуммаВыручки|Сумма', 'money'],
    'revenue_without_vat': ['СуммаВыручкиБезНДС', 'money'],
    'vat': ['СуммаНДС', 'money'],
    'cost': ['СтоимостьБезНДС|Себестоимость|Стоимость', 'money'],
    'extra_cost': ['ДопРасходыБезНДС|ДопРасходы', 'money'],
} -%}

with

records as (

    select * from {{ source('onec', 'sales_register') }}
    {{ new_loads() }}

),

rows_sent as (

    {{ explode_json('records', 'payload', fields, ['_source', '_key', '_load_id'], member='RecordSet', head={
        'configuration': '_configuration',
        'recorder_id': ['Recorder|Recorder_Key', 'ref'],
        'recorder_type': 'Recorder_Type',
    }) }}

)

select
    _source,
    _key,
    _load_id,
    configuration,
    recorder_id,
    recorder_type,
    {{ cast_as('item_number', 'integer') }} as line_number,
    {{ fields | join(',\n    ') }},
    _uncast_fields
from rows_sent
