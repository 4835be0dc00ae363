{{ config(materialized=inlined()) }}

{% set columns = ['activity_key', 'source', 'activity_type', 'occurred_at', 'deal_key', 'card_key', 'manager_ref'] -%}

{{ union_of('int_messages', columns) }}
