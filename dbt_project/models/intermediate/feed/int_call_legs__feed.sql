{{ config(materialized=inlined()) }}
{{ feed_call_legs('feed') }}
