{{ config(materialized='ephemeral') }}
{{ feed_order_records('commerceml', rate='orders.rate') }}
