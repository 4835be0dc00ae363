{{ config(materialized='incremental') }}

{%- set fields = onec_order_fields() -%}
{%- do fields.update({
    'basis_id': ['ДокументОснование|ДокументОснование_Key', 'ref'],
    'basis_type': 'ДокументОснование_Type',
    'shipment_id': ['ДокументРеализации|ДокументРеализации_Key|ДокументОтгрузки|Сделка', 'ref'],
    'reason': 'ПричинаВозврата',
    'due_date': ['ДатаПлатежа|ДатаОплаты', 'date'],
}) -%}

{{ onec_documents('returns', fields) }}
