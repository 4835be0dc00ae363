{#-
    How a model is kept that millions of rows only pass through: on DuckDB a view, for a copy of two million rows takes two seconds. (Unlike an
    ephemeral model it may be published, and be given rows in a unit test.) On ClickHouse a table, for the reasons of inlined(). A union of the
    systems' records (`entity`) is a table too where a source is of a system whose staging is none, and would be parsed at every reading;
    1C's deals are few.
-#}
{% macro read_through(entity='') -%}
    {{ return(adapter.dispatch('read_through', 'skvoz')(entity)) }}
{%- endmacro %}
{% macro duckdb__read_through(entity='') -%}
    {%- set parsed_anew = [] -%}
    {%- for source in var('sources', []) if entity and source.system in var('systems_of')[entity] -%}
        {%- if source.system not in ('amocrm', 'bitrix24', 'onec') -%}{%- do parsed_anew.append(source.name) -%}{%- endif -%}
    {%- endfor -%}
    {{ return('table' if parsed_anew else 'view') }}
{%- endmacro %}
{% macro clickhouse__read_through(entity='') -%} {{ return('table') }} {%- endmacro %}
