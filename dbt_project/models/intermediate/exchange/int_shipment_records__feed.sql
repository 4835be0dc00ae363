{{ config(materialized=inlined()) }}
{{ feed_shipment_records('feed') }}
