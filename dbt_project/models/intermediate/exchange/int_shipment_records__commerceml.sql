{{ config(materialized=inlined()) }}
{{ feed_shipment_records('commerceml', rate='signed.rate') }}
