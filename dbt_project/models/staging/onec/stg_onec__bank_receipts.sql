{{ config(materialized='incremental') }}

{{ onec_payment_documents('bank_receipts') }}
