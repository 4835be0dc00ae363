{{ config(materialized='incremental') }}

{%- set fields = onec_order_fields() -%}
{%- do fields.update({
    'basis_id': ['ДокументОснование|ДокументОснование_Key', 'ref'],
    'basis_type': 'ДокументОснование_Type',
    'ownership_at': ['ДатаПереходаПраваСобственности', 'timestamp'],
    'due_date': ['ДатаПлатежа|ДатаОплаты', 'date'],
    'payment_stages': ['ЭтапыГрафикаОплаты|ПлатежныйКалендарь', 'json'],
}) -%}

{{ onec_documents('shipments', fields) }}
