{{ config(materialized=inlined()) }}
{{ feed_stage_records('feed') }}
