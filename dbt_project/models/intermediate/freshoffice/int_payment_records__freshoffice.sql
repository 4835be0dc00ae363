{{ config(materialized='ephemeral') }}
{{ feed_payment_records('freshoffice') }}
