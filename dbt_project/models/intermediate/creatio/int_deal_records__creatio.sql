{{ config(materialized=inlined()) }}
{{ feed_deal_records('creatio') }}
