{{ config(materialized='incremental') }}

{{ onec_document_lines('returns', ['goods', 'services']) }}
