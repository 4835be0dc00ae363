{{ config(materialized=inlined()) }}
{{ feed_stage_records('bitrix24_bi') }}
