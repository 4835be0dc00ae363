{{ config(materialized='ephemeral') }}
{{ feed_product_cards('bitrix24_bi') }}
