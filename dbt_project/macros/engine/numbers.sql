{#- Numbers and aggregates whose names differ between engines. -#}

{#-
    Money: DECIMAL(18,2), half away from zero; NULL from 10^14, so that sums of a hundred such still fit. A factor should be wider than
    DECIMAL(18): DuckDB multiplies narrow ones in 64 bits, and 18,2 times 18,8 ends at 922 million (as_rate is wide).
-#}
{% macro round_money(expression) -%}
    {{ return(adapter.dispatch('round_money', 'skvoz')(expression)) }}
{%- endmacro %}
{% macro duckdb__round_money(expression) -%}
    cast(try_cast({{ expression }} as decimal(16,2)) as decimal(18,2))
{%- endmacro %}
{% macro clickhouse__round_money(expression) -%}
    {{ clickhouse__fitting(clickhouse__to_decimal(expression, 2), 16, 2, kept=18) }}
{%- endmacro %}

{#- ---------- ClickHouse casts to decimals by cutting digits off; these round half away from zero, as DuckDB does -#}
{% macro clickhouse__to_decimal(expression, scale) -%}
    if(
        toTypeName({{ expression }}) like '%Float%',
        {{ clickhouse__binary_to_decimal('toFloat64(' ~ expression ~ ')', scale) }},
        round(toDecimal128({{ expression }}, {{ scale + 6 }}), {{ scale }})
    )
{%- endmacro %}
{#- NULL instead of what has more digits than the type: it looks at the width of the integer below only. One of 38 digits holds whatever came. -#}
{% macro clickhouse__fitting(decimal, precision, scale, kept=none) -%}
    {%- if precision == 38 -%}
    cast({{ decimal }} as Nullable(Decimal(38, {{ scale }})))
    {%- else -%}
    cast(
        if(abs({{ decimal }}) < toInt128('1{{ '0' * (precision - scale) }}'), {{ decimal }}, null)
        as Nullable(Decimal({{ kept or precision }}, {{ scale }}))
    )
    {%- endif -%}
{%- endmacro %}
{#- what stands behind a NULL may be 0 / 0, which no number can be -#}
{% macro clickhouse__binary_to_decimal(number, scale) -%}
    toDecimal128(accurateCastOrNull({{ clickhouse__rounded_whole(number ~ ' * 1e' ~ scale) }}, 'Int128'), {{ scale }}) / toInt128('1{{ '0' * scale }}')
{%- endmacro %}
{#- round() there goes to the even one of two neighbours -#}
{% macro clickhouse__rounded_whole(number) -%}
    (trunc({{ number }}) + if(abs({{ number }} - trunc({{ number }})) >= 0.5, sign({{ number }}), 0))
{%- endmacro %}

{#- A quotient, always binary: ClickHouse would divide decimals as decimals and drop the digits past those of the dividend. -#}
{% macro quotient(dividend, divisor) -%}
    {{ return(adapter.dispatch('quotient', 'skvoz')(dividend, divisor)) }}
{%- endmacro %}
{% macro duckdb__quotient(dividend, divisor) -%} {{ dividend }} / {{ divisor }} {%- endmacro %}
{% macro clickhouse__quotient(dividend, divisor) -%} toFloat64({{ dividend }}) / toFloat64({{ divisor }}) {%- endmacro %}

{#- Money out of a quotient, which is binary: nine digits first, so that exactly half a cent is not a bit less than half. -#}
{% macro round_quotient(expression) -%}
    {{ return(adapter.dispatch('round_quotient', 'skvoz')(expression)) }}
{%- endmacro %}
{% macro duckdb__round_quotient(expression) -%}
    try_cast(try_cast({{ expression }} as decimal(38,9)) as decimal(18,2))
{%- endmacro %}
{% macro clickhouse__round_quotient(expression) -%}
    {{ clickhouse__fitting('round(' ~ clickhouse__binary_to_decimal('toFloat64(' ~ expression ~ ')', 9) ~ ', 2)', 18, 2) }}
{%- endmacro %}

{#- A rate, perhaps out of a quotient; NULL when it does not fit. 28 digits to multiply by, 18 to keep. -#}
{% macro as_rate(expression, digits=28) -%}
    {{ return(adapter.dispatch('as_rate', 'skvoz')(expression, digits)) }}
{%- endmacro %}
{% macro duckdb__as_rate(expression, digits) -%}
    try_cast({{ expression }} as decimal({{ digits }}, 8))
{%- endmacro %}
{% macro clickhouse__as_rate(expression, digits) -%}
    {{ clickhouse__fitting(clickhouse__to_decimal(expression, 8), digits, 8) }}
{%- endmacro %}

{#- Middle value (mean of the two middle ones), DOUBLE, NULL over no values. -#}
{% macro median(expression) -%}
    {{ return(adapter.dispatch('median', 'skvoz')(expression)) }}
{%- endmacro %}
{#- of doubles: between two decimals it would keep their digits and cut the rest -#}
{% macro duckdb__median(expression) -%}
    median(cast({{ expression }} as double))
{%- endmacro %}
{% macro clickhouse__median(expression) -%}
    quantileExactInclusive(0.5)(toFloat64({{ expression }}))
{%- endmacro %}

{% macro quantile(expression, share) -%}
    {{ return(adapter.dispatch('quantile', 'skvoz')(expression, share)) }}
{%- endmacro %}
{% macro duckdb__quantile(expression, share) -%}
    quantile_cont(cast({{ expression }} as double), {{ share }})
{%- endmacro %}
{% macro clickhouse__quantile(expression, share) -%}
    quantileExactInclusive({{ share }})(toFloat64({{ expression }}))
{%- endmacro %}

{#- The value of the row with the smallest or largest order; rows with a NULL order are left out. -#}
{% macro arg_min(value, order) -%}
    {{ return(adapter.dispatch('arg_min', 'skvoz')(value, order)) }}
{%- endmacro %}
{% macro duckdb__arg_min(value, order) -%}
    arg_min_null({{ value }}, {{ order }})
{%- endmacro %}
{% macro clickhouse__arg_min(value, order) -%}
    tupleElement(argMin(tuple({{ value }}), {{ order }}), 1)
{%- endmacro %}
{% macro arg_max(value, order) -%}
    {{ return(adapter.dispatch('arg_max', 'skvoz')(value, order)) }}
{%- endmacro %}
{% macro duckdb__arg_max(value, order) -%}
    arg_max_null({{ value }}, {{ order }})
{%- endmacro %}
{% macro clickhouse__arg_max(value, order) -%}
    tupleElement(argMax(tuple({{ value }}), {{ order }}), 1)
{%- endmacro %}

{#- The first value that is known, in the given order. -#}
{% macro first_known(value, order) -%}
    {{ arg_min(value, 'case when ' ~ value ~ ' is not null then ' ~ order ~ ' end') }}
{%- endmacro %}

{% macro any_true(condition) -%}
    {{ return(adapter.dispatch('any_true', 'skvoz')(condition)) }}
{%- endmacro %}
{% macro duckdb__any_true(condition) -%}
    coalesce(bool_or({{ condition }}), false)
{%- endmacro %}
{% macro clickhouse__any_true(condition) -%}
    cast(max(ifNull({{ condition }}, 0)) as Bool)
{%- endmacro %}

{#- Equal, or both NULL. -#}
{% macro same_value(left, right) -%}
    {{ left }} is not distinct from {{ right }}
{%- endmacro %}

{#- A number rounded half away from zero, also where it is binary; DOUBLE. -#}
{% macro rounded(expression, digits=0) -%}
    {{ return(adapter.dispatch('rounded', 'skvoz')(expression, digits)) }}
{%- endmacro %}
{% macro duckdb__rounded(expression, digits) -%} round({{ expression }}{{ ', ' ~ digits if digits }}) {%- endmacro %}
{% macro clickhouse__rounded(expression, digits) -%}
    ({{ clickhouse__rounded_whole('toFloat64(' ~ expression ~ ')' ~ (' * 1e' ~ digits if digits else '')) }}{{ ' / 1e' ~ digits if digits }})
{%- endmacro %}

{#- A sum of doubles as it is published: its last bits depend on the order of the rows, nine digits after the point do not. -#}
{% macro steady_sum(expression) -%}
    {{ cast_as(rounded('sum(' ~ expression ~ ')', 9), 'double') }}
{%- endmacro %}

{#- A ratio that is NULL when its denominator is 0 or NULL. -#}
{% macro ratio(numerator, denominator) -%}
    ({{ cast_as(numerator, 'double') }} / nullif({{ cast_as(denominator, 'double') }}, 0))
{%- endmacro %}
