{#-
    How a model is kept that only others read. DuckDB puts it into their queries, for every table costs a tenth of a second on every refresh.
    ClickHouse reads a query anew at every place that names it, and takes seconds over one that dozens of models stand in: a table there.
-#}
{% macro inlined() -%}
    {{ return(adapter.dispatch('inlined', 'skvoz')()) }}
{%- endmacro %}
{% macro duckdb__inlined() -%} {{ return('ephemeral') }} {%- endmacro %}
{% macro clickhouse__inlined() -%} {{ return('table') }} {%- endmacro %}
