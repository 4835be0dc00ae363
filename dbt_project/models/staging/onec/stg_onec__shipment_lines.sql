{{ config(materialized='incremental') }}

{{ onec_document_lines('shipments', ['goods', 'services']) }}
