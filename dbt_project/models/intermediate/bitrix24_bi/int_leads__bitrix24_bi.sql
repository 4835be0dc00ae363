{{ config(materialized='ephemeral') }}
{{ feed_leads('bitrix24_bi') }}
