{{ config(materialized=inlined()) }}
{{ feed_payment_records('freshoffice', order_ref=true) }}
