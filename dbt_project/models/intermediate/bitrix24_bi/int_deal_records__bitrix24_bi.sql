{{ config(materialized='ephemeral') }}
{{ feed_deal_records('bitrix24_bi') }}
