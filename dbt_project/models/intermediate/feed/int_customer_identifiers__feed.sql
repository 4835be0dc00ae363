{{ config(materialized=inlined()) }}
{{ feed_customer_identifiers('feed') }}
