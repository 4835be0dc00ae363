{{ config(materialized='ephemeral') }}
{{ feed_call_legs('feed') }}
