{{ config(materialized=inlined()) }}
{{ feed_tasks('creatio') }}
