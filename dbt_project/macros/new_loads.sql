{#- For incremental staging: only records of loads that this table has not seen. `keyword` is where or and. -#}
{% macro new_loads(keyword='where') -%}
    {%- if is_incremental() -%}
    {{ keyword }} _load_id > (select coalesce(max(_load_id), -1) from {{ this }})
    {%- endif -%}
{%- endmacro %}
