{{ config(materialized='ephemeral') }}
{{ feed_manager_cards('bitrix24_bi') }}
