{{ config(materialized='ephemeral') }}
{{ feed_product_cards('freshoffice') }}
