{{ config(materialized='incremental') }}

{{ onec_payment_stages('orders') }}
