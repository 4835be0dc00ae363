{{ config(materialized='ephemeral') }}
{{ feed_leads('feed') }}
