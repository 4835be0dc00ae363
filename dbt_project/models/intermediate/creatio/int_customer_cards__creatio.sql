{{ config(materialized='ephemeral') }}
{{ feed_customer_cards('creatio') }}
