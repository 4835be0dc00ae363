{{ config(materialized='ephemeral') }}
{{ feed_leads('creatio') }}
