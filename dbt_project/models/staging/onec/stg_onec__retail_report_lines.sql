{{ config(materialized='incremental') }}

{%- set fields = {
    'product_id': ['Номенклатура_Key|Номенклатура', 'ref'],
    'quantity': ['Количество', 'quantity'],
    'price': ['Цена', 'number'],
    'line_sum': ['Сумма', 'money'],
    'vat': ['СуммаНДС', 'money'],
    'sum_with_vat': ['СуммаСНДС|Всего', 'money'],
    'manual_discount': ['СуммаРучнойСкидки|СуммаСкидкиНаценки|СуммаСкидки', 'money'],
    'automatic_discount': ['СуммаАвтоматическойСкидки', 'money'],
    'is_cancelled': ['Отменено', 'boolean'],
    'warehouse_id': ['Склад_Key|Склад|СтруктурнаяЕдиница_Key', 'ref'],
    'order_id': ['ЗаказКлиента|ЗаказКлиента_Key|Заказ|Заказ_Key|ЗаказПокупателя_Key', 'ref'],
    'order_type': 'ЗаказКлиента_Type|Заказ_Type',
    'manager_id': ['Продавец_Key|Менеджер_Key|Ответственный_Key', 'ref'],
} -%}

with

documents as (

    select * from {{ ref('stg_onec__retail_reports') }}
    {{ new_loads() }}

),

part_1 as (

    {{ explode_json('documents', 'goods', fields, ['_source', '_key', '_load_id']) }}

),

part_2 as (

    {{ explode_json('documents', 'services', fields, ['_source', '_key', '_load_id']) }}

),

part_3 as (

    {{ explode_json('documents', 'returned_goods', fields, ['_source', '_key', '_load_id']) }}

),

parts as (

    select
        1 as part,
        *
    from part_1

    union all

    select
        2 as part,
        *
    from part_2

    union all

    select
        3 as part,
        *
    from part_3

)

select
    _source,
    _key,
    _load_id,
    part,
    {{ cast_as('row_number() over (partition by _source, _key order by part, item_number)', 'integer') }} as line_number,
    product_id,
    quantity,
    price,
    line_sum,
    vat,
    sum_with_vat,
    manual_discount,
    automatic_discount,
    is_cancelled,
    warehouse_id,
    order_id,
    order_type,
    manager_id,
    _uncast_fields
from parts
