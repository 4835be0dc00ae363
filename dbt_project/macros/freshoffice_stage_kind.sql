{#- Which stages mean won and lost is published nowhere: the source says it in skvoz.toml (`won`, `lost`: ids with commas). -#}
{% macro freshoffice_stage_kind(stage_id) -%}
    case
        {%- for kind in ['won', 'lost'] %}
        when {{ named_in_option(stage_id, kind) }} then '{{ kind }}'
        {%- endfor %}
        else 'open'
    end
{%- endmacro %}
