{{ config(materialized='incremental') }}

{{ onec_payment_documents('cash_receipts') }}
