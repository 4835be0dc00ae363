{{ config(materialized='ephemeral') }}
{{ feed_deal_origins('creatio') }}
