{{ config(materialized=inlined()) }}
{{ feed_tasks('feed') }}
