{{ config(materialized='ephemeral') }}
{{ feed_payment_records('commerceml', rate='dated.rate') }}
