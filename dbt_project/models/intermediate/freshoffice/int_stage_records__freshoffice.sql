{{ config(materialized='ephemeral') }}
{{ feed_stage_records('freshoffice') }}
