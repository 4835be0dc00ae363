{{ config(materialized='ephemeral') }}
{{ feed_call_legs('bitrix24_bi') }}
