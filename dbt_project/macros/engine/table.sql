{#-
    A table on DuckDB, made in its place. The adapter's own materialization builds beside the old table, looks for indexes and foreign keys
    (there are none), renames twice and drops what was there: seven statements, each with a context of its own, where one does, as DuckDB
    replaces a table within a transaction and readers of the old one keep it.
-#}
{% materialization table, adapter='duckdb' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing is not none and not existing.is_table -%} {%- do adapter.drop_relation(existing) -%} {%- endif -%}
    {%- call statement('main') -%}
    {%- if config.get('contract').enforced %}
    {{ get_assert_columns_equivalent(compiled_code) }}
    create or replace table {{ target }} {{ get_table_columns_and_constraints() }};
    insert into {{ target }} {{ get_column_names() }} ({{ get_select_subquery(compiled_code) }});
    {%- else %}
    create or replace table {{ target }} as ({{ compiled_code }});
    {%- endif %}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
