{{ config(materialized='ephemeral') }}
{{ feed_tasks('feed') }}
