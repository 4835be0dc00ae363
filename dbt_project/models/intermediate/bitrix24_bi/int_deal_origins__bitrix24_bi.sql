{{ config(materialized=inlined()) }}
{{ feed_deal_origins('bitrix24_bi') }}
