{{ config(materialized='incremental') }}

{%- set fields = {
    'stage_kind': 'ВариантОплаты|ВариантПлатежа',
    'due_date': ['ДатаПлатежа|ДатаОплаты', 'date'],
    'percent': ['ПроцентПлатежа|ПроцентОплаты', 'number'],
    'amount': ['СуммаПлатежа|СуммаОплаты', 'money'],
} -%}

with

documents as (

    select * from {{ ref('stg_onec__orders') }}
    {{ new_loads() }}

),

rows_sent as (

    {{ explode_json('documents', 'payment_stages', fields, ['_source', '_key', '_load_id']) }}

)

select
    _source,
    _key,
    _load_id,
    {{ cast_as('item_number', 'integer') }} as line_number,
    stage_kind,
    due_date,
    percent,
    amount,
    _uncast_fields
from rows_sent
