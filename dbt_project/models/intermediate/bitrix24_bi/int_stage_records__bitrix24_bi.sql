{{ config(materialized='ephemeral') }}
{{ feed_stage_records('bitrix24_bi') }}
