{{ config(materialized='ephemeral') }}
{{ feed_tasks('bitrix24_bi') }}
