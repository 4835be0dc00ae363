{{ config(materialized=inlined()) }}
{{ feed_order_states('creatio') }}
