{{ config(materialized=inlined()) }}
{{ feed_order_line_states('creatio') }}
