{#- A text option of a configured source as an expression over the column that names the source; NULL where it is not given. -#}
{% macro source_option(option, source_column='_source') -%}
    {%- set named = [] -%}
    {%- for source in var('sources', []) if source.get(option) -%}
        {%- do named.append(source) -%}
    {%- endfor -%}
    {%- if named -%}
    case {{ source_column }}
        {%- for source in named %}
        when {{ text_literal(source.name) }} then {{ text_literal(source.get(option)) }}
        {%- endfor %}
    end
    {%- else -%}
    cast(null as {{ text_type() }})
    {%- endif -%}
{%- endmacro %}

{#- A text as a SQL literal, quotes doubled. -#}
{% macro text_literal(value) -%}
    '{{ value | string | replace("'", "''") }}'
{%- endmacro %}
