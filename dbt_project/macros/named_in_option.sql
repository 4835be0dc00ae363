{#- Whether an id stands in a list that an option of its source gives: "5,9". -#}
{% macro named_in_option(id, option, source_column='_source') -%}
    coalesce(
        ',' || replace({{ source_option(option, source_column) }}, ' ', '') || ',' like '%,' || {{ id }} || ',%',
        false
    )
{%- endmacro %}
