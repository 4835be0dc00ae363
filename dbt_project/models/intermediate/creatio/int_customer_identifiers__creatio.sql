{{ config(materialized='ephemeral') }}
{{ feed_customer_identifiers('creatio') }}
