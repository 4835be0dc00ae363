{#- Types and casts. safe_cast gives NULL where a text is not a value of the type. -#}
{% macro safe_cast(expression, type) -%}
    {{ return(adapter.dispatch('safe_cast', 'skvoz')(expression, type)) }}
{%- endmacro %}

{% macro duckdb__safe_cast(expression, type) -%}
    try_cast({{ expression }} as {{ type }})
{%- endmacro %}

{#- A text is a number only as a whole: toDecimal reads 12.3.4 as 12.34 and a lone minus as 0. -#}
{% macro clickhouse__safe_cast(expression, type) -%}
    {%- set digits = clickhouse__decimal_digits(type) -%}
    {%- if type | lower == 'integer' -%}
    accurateCastOrNull({{ clickhouse__rounded_whole('toFloat64OrNull(toString(' ~ expression ~ '))') }}, 'Int32')
    {%- elif digits -%}
    {%- set number = 'round(toDecimal128OrNull(trimBoth(toString(' ~ expression ~ ')), ' ~ (digits[1] + 6) ~ '), ' ~ digits[1] ~ ')' -%}
    if(
        isNull(toFloat64OrNull(trimBoth(toString({{ expression }})))),
        null,
        {{ clickhouse__fitting(number, digits[0], digits[1]) }}
    )
    {%- else -%}
    accurateCastOrNull({{ expression }}, '{{ clickhouse_type(type) | replace("'", "\\'") }}')
    {%- endif -%}
{%- endmacro %}

{#- [precision, scale] of a decimal type as DuckDB writes it, else an empty list. -#}
{% macro clickhouse__decimal_digits(type) -%}
    {%- set found = modules.re.fullmatch('(?i)decimal\\((\\d+), *(\\d+)\\)', type) -%}
    {{ return([found.group(1) | int, found.group(2) | int] if found else []) }}
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
    {%- set digits = clickhouse__decimal_digits(type) -%}
    {%- if expression | lower == 'null' -%} cast(null as Nullable({{ clickhouse_type(type) }}))
    {%- elif digits -%} cast({{ clickhouse__to_decimal(expression, digits[1]) }} as Nullable({{ clickhouse_type(type) }}))
    {%- elif clickhouse_type(type) == 'String' -%} {{ clickhouse__to_text(expression) }}
    {%- else -%} cast({{ expression }} as Nullable({{ clickhouse_type(type) }}))
    {%- endif -%}
{%- endmacro %}

{#- A decimal keeps the zeros at its end, as in DuckDB; the digits of its type are known when the query is read, 0 for every other type. -#}
{% macro clickhouse__to_text(expression) -%}
    {%- set text = 'cast(' ~ expression ~ ' as Nullable(String))' -%}
    {%- set scale = "toUInt8OrZero(extract(toTypeName(" ~ expression ~ "), 'Decimal\\\\([0-9]+, ([0-9]+)\\\\)'))" -%}
    if({{ scale }} = 0, {{ text }}, rpad(
        if(position({{ text }}, '.') = 0, concat({{ text }}, '.'), {{ text }}), position(concat({{ text }}, '.'), '.') + {{ scale }}, '0'
    ))
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
    {%- elif kind in ('code', 'json') -%} {{ text }}
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
        when {{ lower_case(text) }} in ('true', 'y', 'yes', '1', 'да', 'истина') then true
        when {{ lower_case(text) }} in ('false', 'n', 'no', '0', 'нет', 'ложь') then false
    end
{%- endmacro %}

{#- Asks that a CTE used several times is computed once (ClickHouse obeys with its setting enable_materialized_cte). -#}
{% macro materialized() -%}
    {{ return(adapter.dispatch('materialized', 'skvoz')()) }}
{%- endmacro %}
{% macro duckdb__materialized() -%} materialized {%- endmacro %}
{% macro clickhouse__materialized() -%} materialized {%- endmacro %}

{#-
    The same where DuckDB sees it by itself. Not for what holds every sale line, for ClickHouse keeps it in memory; and not for what only leads to
    another such CTE: 26.9 may then read that one before it is there (LOGICAL_ERROR).
-#}
{% macro computed_once() -%}
    {{ return(adapter.dispatch('computed_once', 'skvoz')()) }}
{%- endmacro %}
{% macro duckdb__computed_once() -%} {%- endmacro %}
{% macro clickhouse__computed_once() -%} materialized {%- endmacro %}
