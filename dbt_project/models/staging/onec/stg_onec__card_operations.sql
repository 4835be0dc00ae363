{{ config(materialized='incremental') }}

{{ onec_payment_documents('card_operations') }}
