{#-
    Contracts on ClickHouse. They are written in the names of DuckDB; here a mart's table is made of the same types as ClickHouse calls
    them, all of them able to be NULL, and the query has to have the same columns of the same kind (text, number, date, instant, truth):
    the insert into that table does the rest. DuckDB checks contracts to the letter by itself.
-#}
{% macro clickhouse__get_table_columns_and_constraints() -%}
    (
    {%- for column in model['columns'].values() %}
        {{ adapter.quote(column['name']) }} Nullable({{ skvoz.clickhouse_type(column['data_type']) }}){{ ',' if not loop.last }}
    {%- endfor %}
    )
{%- endmacro %}

{% macro clickhouse__get_assert_columns_equivalent(sql) -%}
    {%- set promised = {} -%}
    {%- for column in model['columns'].values() -%}
        {%- do promised.update({column['name']: skvoz.type_kind(column['data_type'])}) -%}
    {%- endfor -%}
    {%- set given = {} -%}
    {%- set columns = adapter.get_column_schema_from_query(sql, query_settings=config.get('query_settings', {}) or {}) -%}
    {%- for column in columns -%}
        {#- a condition is a UInt8 there -#}
        {%- set is_condition = promised.get(column.name) == 'truth' and 'UInt8' in column.data_type -%}
        {%- do given.update({column.name: 'truth' if is_condition else skvoz.type_kind(column.data_type)}) -%}
    {%- endfor -%}
    {%- if given != promised -%}
        {%- do exceptions.raise_contract_error(model['columns'].values(), adapter.format_columns(columns)) -%}
    {%- endif -%}
{%- endmacro %}

{#- What kind of value a type of either engine holds. -#}
{% macro type_kind(type) -%}
    {%- set name = type | lower | replace('lowcardinality(', '') | replace('nullable(', '') -%}
    {%- if name.startswith(('varchar', 'text', 'string', 'fixedstring')) -%} {{ return('text') }}
    {%- elif name.startswith(('timestamp', 'datetime')) -%} {{ return('instant') }}
    {%- elif name.startswith('date') -%} {{ return('date') }}
    {%- elif name.startswith('bool') -%} {{ return('truth') }}
    {%- else -%} {{ return('number') }}
    {%- endif -%}
{%- endmacro %}

{#- Seeds are typed in the names of DuckDB too; an empty cell is NULL. -#}
{% macro clickhouse__create_csv_table(model, agate_table) -%}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set sql -%}
    create table {{ this.render() }} {{ on_cluster_clause(this) }} (
        {%- for name in agate_table.column_names %}
        {{ adapter.quote(name) }}
        {% if name in types %}Nullable({{ skvoz.clickhouse_type(types[name]) }}){% else %}{{ adapter.convert_type(agate_table, loop.index0) }}{% endif %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    )
    {{ engine_clause() }}
    {{ order_cols(label='order by') }}
    {%- endset -%}
    {%- call statement('_') -%} {{ sql }} {%- endcall -%}
    {{ return(sql) }}
{%- endmacro %}
