{{ config(materialized=inlined()) }}
{{ feed_deal_records('bitrix24_bi') }}
