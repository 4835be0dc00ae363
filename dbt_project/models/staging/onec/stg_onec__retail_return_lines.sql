{{ config(materialized='incremental') }}

{{ onec_document_lines('retail_returns', ['goods', 'services']) }}
