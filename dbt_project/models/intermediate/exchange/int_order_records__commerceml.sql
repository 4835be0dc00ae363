{{ config(materialized=inlined()) }}
{{ feed_order_records('commerceml', rate='orders.rate', own_rate='signed.rate') }}
