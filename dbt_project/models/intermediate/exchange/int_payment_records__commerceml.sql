{{ config(materialized=inlined()) }}
{{ feed_payment_records('commerceml', rate='dated.rate') }}
