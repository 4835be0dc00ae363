{{ config(materialized='ephemeral') }}
{{ feed_customer_identifiers('bitrix24_bi') }}
