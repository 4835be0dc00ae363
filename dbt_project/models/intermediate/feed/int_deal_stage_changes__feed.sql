{{ config(materialized=inlined()) }}
{{ feed_deal_stage_changes('feed', has_ids=false) }}
