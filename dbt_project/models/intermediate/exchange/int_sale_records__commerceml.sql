{{ config(materialized=inlined()) }}
{{ feed_sale_records('commerceml', rate='signed.rate') }}
