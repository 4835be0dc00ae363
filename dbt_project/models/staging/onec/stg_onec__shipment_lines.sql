{{ config(materialized='incremental') }}

{{ onec_document_lines('shipments', ['goods', 'services'], {
    'settlement_object_id': ['ОбъектРасчетов_Key|ОбъектРасчетов', 'ref'],
}) }}
