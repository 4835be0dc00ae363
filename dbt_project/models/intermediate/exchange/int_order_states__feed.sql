{{ config(materialized=inlined()) }}
{{ feed_order_states('feed', sums_lines=true) }}
