{{ config(materialized=inlined()) }}
{{ feed_payment_records('feed', order_ref=true) }}
