{{ config(materialized=inlined()) }}
{{ feed_tasks('bitrix24_bi') }}
