{{ config(materialized='ephemeral') }}
{{ feed_customer_cards('feed') }}
