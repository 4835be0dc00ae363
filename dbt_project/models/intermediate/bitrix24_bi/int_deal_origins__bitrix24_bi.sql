{{ config(materialized='ephemeral') }}
{{ feed_deal_origins('bitrix24_bi') }}
