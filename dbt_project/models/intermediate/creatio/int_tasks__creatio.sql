{{ config(materialized='ephemeral') }}
{{ feed_tasks('creatio') }}
