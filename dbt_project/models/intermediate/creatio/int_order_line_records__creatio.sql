{{ config(materialized=inlined()) }}
{{ feed_order_line_records('creatio') }}
