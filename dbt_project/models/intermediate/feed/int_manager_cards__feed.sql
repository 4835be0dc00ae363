{{ config(materialized=inlined()) }}
{{ feed_manager_cards('feed') }}
