{{ config(materialized=inlined()) }}
{{ feed_manager_cards('bitrix24_bi') }}
