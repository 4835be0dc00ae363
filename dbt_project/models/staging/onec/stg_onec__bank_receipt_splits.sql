{{ config(materialized='incremental') }}

{{ onec_payment_splits('bank_receipts') }}
