{{ config(materialized='incremental') }}

{{ onec_payment_splits('card_operations') }}
