{#-
    The previous publication, read-only: the published file that the environment variable SKVOZ_PREVIOUS names (skvoz sets it to the file
    readers have now). The variable is read while a model runs and not while the project is parsed, so that a new file needs no new parse.
-#}

{#- Path of the previous publication's file; empty where there is none. -#}
{% macro previous_publication() -%}
    {{ return(env_var('SKVOZ_PREVIOUS', '') if execute else '') }}
{%- endmacro %}

{#- A mart of the previous publication as a relation, none where there is no file or it does not hold every one of the columns. -#}
{% macro previous_mart(table, columns) -%}
    {{ return(adapter.dispatch('previous_mart', 'skvoz')(table, columns)) }}
{%- endmacro %}

{% macro duckdb__previous_mart(table, columns) -%}
    {%- set path = skvoz.previous_publication() | replace("'", "''") -%}
    {%- if not path -%}
        {{ return(none) }}
    {%- endif -%}
    {#- read_duckdb() fails on a table that is not there, so an attached file is asked first -#}
    {%- do run_query("attach if not exists '" ~ path ~ "' as previous_publication (read_only)") -%}
    {%- set held = run_query(
        "select column_name from duckdb_columns() where database_name = 'previous_publication' and schema_name = 'marts' and table_name = '"
        ~ table ~ "'"
    ) -%}
    {%- if columns | reject('in', held.columns[0].values()) | list -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return('previous_publication.marts.' ~ table) }}
{%- endmacro %}

{#- On ClickHouse every publication is a database of its own; SKVOZ_PREVIOUS is its name. -#}
{% macro clickhouse__previous_mart(table, columns) -%}
    {%- set database = skvoz.previous_publication() -%}
    {%- if not database -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set held = run_query("select name from system.columns where database = '" ~ database ~ "' and table = '" ~ table ~ "'") -%}
    {%- if columns | reject('in', held.columns[0].values()) | list -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return('`' ~ database ~ '`.`' ~ table ~ '`') }}
{%- endmacro %}
