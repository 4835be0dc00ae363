{{ config(materialized='ephemeral') }}
{{ feed_sale_records('commerceml', rate='signed.rate') }}
