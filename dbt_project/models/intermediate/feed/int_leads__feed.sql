{{ config(materialized=inlined()) }}
{{ feed_leads('feed') }}
