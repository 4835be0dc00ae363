{{ config(materialized=inlined()) }}
{{ feed_order_records('feed', own_rate='null') }}
