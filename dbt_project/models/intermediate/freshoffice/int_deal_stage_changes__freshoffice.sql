{{ config(materialized='ephemeral') }}
{{ feed_deal_stage_changes('freshoffice') }}
