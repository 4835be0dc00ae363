{{ config(materialized='incremental') }}

{{ onec_document_lines('retail_reports', ['goods', 'services', 'returned_goods']) }}
