{{ config(materialized=inlined()) }}
{{ feed_order_records('freshoffice') }}
