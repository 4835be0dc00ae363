{{ config(materialized=inlined()) }}
{{ feed_leads('bitrix24_bi') }}
