{{ config(materialized=inlined()) }}
{{ feed_customer_cards('bitrix24_bi') }}
