{{ config(materialized='ephemeral') }}
{{ feed_order_records('creatio') }}
