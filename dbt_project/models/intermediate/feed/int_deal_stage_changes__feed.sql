{{ config(materialized=inlined()) }}
{{ feed_deal_stage_changes('feed') }}
