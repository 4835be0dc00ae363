{{ config(materialized=inlined()) }}
{{ feed_customer_cards('feed') }}
