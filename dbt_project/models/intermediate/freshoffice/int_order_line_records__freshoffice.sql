{{ config(materialized='ephemeral') }}
{{ feed_order_line_records('freshoffice') }}
