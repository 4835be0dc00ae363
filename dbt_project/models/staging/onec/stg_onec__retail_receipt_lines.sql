{{ config(materialized='incremental') }}

{{ onec_document_lines('retail_receipts', ['goods', 'services']) }}
