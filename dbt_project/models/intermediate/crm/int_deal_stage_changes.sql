{{ config(materialized=read_through('int_deal_stage_changes')) }}

{% set columns = [
    'deal_key', 'source', 'changed_at', 'change_order', 'pipeline_id_before', 'stage_id_before', 'pipeline_id', 'stage_id', 'stage_kind',
] -%}

{{ union_of('int_deal_stage_changes', columns) }}
