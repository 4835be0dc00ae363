{{ config(materialized='incremental') }}

{{ onec_retail_documents('retail_receipts') }}
