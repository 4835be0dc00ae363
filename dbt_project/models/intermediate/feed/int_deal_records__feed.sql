{{ config(materialized='ephemeral') }}
{{ feed_deal_records('feed') }}
