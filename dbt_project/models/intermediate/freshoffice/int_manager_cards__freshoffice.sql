{{ config(materialized='ephemeral') }}
{{ feed_manager_cards('freshoffice') }}
