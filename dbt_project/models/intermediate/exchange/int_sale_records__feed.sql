{{ config(materialized=inlined()) }}
{{ feed_sale_records('feed') }}
