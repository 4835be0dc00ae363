{{ config(materialized=inlined()) }}
{{ feed_order_records('commerceml', rate='orders.rate') }}
