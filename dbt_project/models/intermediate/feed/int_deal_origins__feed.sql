{{ config(materialized=inlined()) }}
{{ feed_deal_origins('feed') }}
