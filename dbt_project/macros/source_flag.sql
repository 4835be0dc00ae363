{#- A yes-or-no option of a configured source as an expression over the column that names the source. -#}
{% macro source_flag(option, default, source_column='_source') -%}
    {%- set named = [] -%}
    {%- for source in var('sources', []) if source.get(option) is boolean -%}{%- do named.append(source) -%}{%- endfor -%}
    {%- if named -%}
    case {{ source_column }}
        {%- for source in named %}
        when {{ text_literal(source.name) }} then {{ 'true' if source.get(option) else 'false' }}
        {%- endfor %}
        else {{ default }}
    end
    {%- else -%}
    {{ default }}
    {%- endif -%}
{%- endmacro %}
