{{ config(materialized=inlined()) }}
{{ feed_customer_identifiers('bitrix24_bi') }}
