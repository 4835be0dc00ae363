{{ config(materialized='ephemeral') }}
{{ feed_sale_records('feed') }}
