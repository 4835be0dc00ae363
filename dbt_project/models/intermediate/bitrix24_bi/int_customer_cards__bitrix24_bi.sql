{{ config(materialized='ephemeral') }}
{{ feed_customer_cards('bitrix24_bi') }}
