{{ config(materialized='ephemeral') }}
{{ feed_order_records('feed') }}
