{{ config(materialized=inlined()) }}
{{ feed_deal_origins('creatio') }}
