{{ config(materialized=inlined()) }}
{{ feed_leads('creatio') }}
