{{ config(materialized=inlined()) }}
{{ feed_product_cards('bitrix24_bi') }}
