{{ config(materialized='ephemeral') }}
{{ feed_order_records('freshoffice') }}
