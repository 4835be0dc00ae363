{#- Types and casts. safe_cast gives NULL where a text is not a value of the type. -#}
{% macro safe_cast(expression, type) -%}
    {{ return(adapter.dispatch('safe_cast', 'skvoz')(expression, type)) }}
{%- endmacro %}

{% macro duckdb__safe_cast(expression, type) -%}
    try_cast({{ expression }} as {{ type }})
{%- endmacro %}

{% macro clickhouse__safe_cast(expression, type) -%}
    accurateCastOrNull({{ expression }}, '{{ clickhouse_type(type) | replace("'", "\\'") }}')
{%- endmacro %}

{#- The engine's name of a nullable text type, for `cast(null as …)`. -#}
{% macro text_type() -%}
    {{ return(adapter.dispatch('text_type', 'skvoz')()) }}
{%- endmacro %}

{% macro duckdb__text_type() -%} varchar {%- endmacro %}
{% macro clickhouse__text_type() -%} Nullable(String) {%- endmacro %}

{#- A typed NULL or a cast that works on both engines; `type` is named as in DuckDB. -#}
{% macro cast_as(expression, type) -%}
    {{ return(adapter.dispatch('cast_as', 'skvoz')(expression, type)) }}
{%- endmacro %}

{% macro duckdb__cast_as(expression, type) -%}
    cast({{ expression }} as {{ type }})
{%- endmacro %}

{% macro clickhouse__cast_as(expression, type) -%}
    cast({{ expression }} as Nullable({{ clickhouse_type(type) }}))
{%- endmacro %}

{% macro clickhouse_type(type) -%}
    {%- set names = {
        'varchar': 'String', 'text': 'String', 'bigint': 'Int64', 'integer': 'Int32', 'double': 'Float64', 'boolean': 'Bool',
        'date': 'Date32', 'timestamp': "DateTime64(6)", 'timestamptz': "DateTime64(6, 'UTC')",
    } -%}
    {{ return(names.get(type | lower, type)) }}
{%- endmacro %}

{#-
    Text as a value of one of the kinds of json_fields; NULL where it is none, or none that sums and calendars can hold: money from 10^14,
    quantities and prices from 10^13, whole numbers from 10^15, days outside 1900-2299. One such record must not stop a build.
-#}
{% macro text_as(text, kind) -%}
    {%- if kind == 'text' -%} nullif(trim({{ text }}), '')
    {%- elif kind == 'json' -%} {{ text }}
    {%- elif kind == 'ref' -%} nullif({{ text }}, '00000000-0000-0000-0000-000000000000')
    {%- elif kind == 'integer' -%} {{ cast_as(safe_cast(text, 'decimal(15,0)'), 'bigint') }}
    {%- elif kind == 'number' -%} {{ cast_as(safe_cast(text, 'decimal(21,8)'), 'decimal(28,8)') }}
    {%- elif kind == 'money' -%} {{ cast_as(safe_cast(text, 'decimal(16,2)'), 'decimal(18,2)') }}
    {%- elif kind == 'quantity' -%} {{ cast_as(safe_cast(text, 'decimal(16,3)'), 'decimal(18,3)') }}
    {%- elif kind == 'rate' -%} {{ safe_cast(text, 'decimal(18,8)') }}
    {%- elif kind == 'double' -%} {{ cast_as(safe_cast(text, 'decimal(28,12)'), 'double') }}
    {%- elif kind == 'boolean' -%} {{ text_to_boolean(text) }}
    {%- elif kind == 'date' -%} {{ text_to_date(text) }}
    {%- elif kind == 'timestamp' -%} {{ text_to_timestamp(text) }}
    {%- elif kind == 'instant' -%} {{ text_to_instant(text) }}
    {%- elif kind == 'epoch' -%} {{ text_to_epoch_instant(text) }}
    {%- else -%} {{ exceptions.raise_compiler_error("json_fields: unknown kind '" ~ kind ~ "'") }}
    {%- endif -%}
{%- endmacro %}

{% macro text_to_boolean(text) -%}
    case
        when lower({{ text }}) in ('true', 'y', 'yes', '1', 'да', 'истина') then true
        when lower({{ text }}) in ('false', 'n', 'no', '0', 'нет', 'ложь') then false
    end
{%- endmacro %}

{#- Asks that a CTE used several times is computed once (ClickHouse obeys with its setting enable_materialized_cte). -#}
{% macro materialized() -%}
    {{ return(adapter.dispatch('materialized', 'skvoz')()) }}
{%- endmacro %}
{% macro duckdb__materialized() -%} materialized {%- endmacro %}
{% macro clickhouse__materialized() -%} materialized {%- endmacro %}
