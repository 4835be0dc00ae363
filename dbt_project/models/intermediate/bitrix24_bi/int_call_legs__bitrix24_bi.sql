{{ config(materialized=inlined()) }}
{{ feed_call_legs('bitrix24_bi') }}
