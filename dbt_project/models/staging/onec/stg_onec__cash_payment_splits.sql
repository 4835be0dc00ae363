{{ config(materialized='incremental') }}

{{ onec_payment_splits('cash_payments') }}
