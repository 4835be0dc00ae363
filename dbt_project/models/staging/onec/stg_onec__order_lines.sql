{{ config(materialized='incremental') }}

{{ onec_document_lines('orders', ['goods', 'services']) }}
