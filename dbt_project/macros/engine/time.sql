{#-
    Days, months and instants. A date is a business day; an instant is TIMESTAMPTZ; wall time is a naive TIMESTAMP in a
    source's zone. Adding months keeps the day or takes the month's last (31 May - 3 months = 28/29 February).
-#}

{#- ---------- from text: days outside 1900-2299, which only one engine holds, are no days -#}
{% macro text_to_date(text) -%}
    {{ return(adapter.dispatch('text_to_date', 'skvoz')(text)) }}
{%- endmacro %}
{% macro duckdb__text_to_date(text) -%}
    {{ duckdb__within_calendar('try_cast(left(' ~ text ~ ', 10) as date)', 'date') }}
{%- endmacro %}
{% macro clickhouse__text_to_date(text) -%}
    {%- set day = 'substring(' ~ text ~ ', 1, 10)' -%}
    {{ clickhouse__within_calendar(
        'if(toString(toDate32OrNull(' ~ day ~ ')) = ' ~ day ~ ', toDate32OrNull(' ~ day ~ '), null)', 'toDate32'
    ) }}
{%- endmacro %}

{% macro text_to_timestamp(text) -%}
    {{ return(adapter.dispatch('text_to_timestamp', 'skvoz')(text)) }}
{%- endmacro %}
{% macro duckdb__text_to_timestamp(text) -%}
    {{ duckdb__within_calendar('try_cast(' ~ text ~ ' as timestamp)', 'timestamp') }}
{%- endmacro %}
{#- the offset of a wall time says nothing -#}
{% macro clickhouse__text_to_timestamp(text) -%}
    {{ clickhouse__text_to_moment('substring(' ~ text ~ ', 1, if(substring(' ~ text ~ ", 20, 1) = '.', 26, 19))") }}
{%- endmacro %}
{#- Its parser reads 12:30 as a time of today and 25 o'clock as 1 o'clock of the next day: the text has to look like a moment first. -#}
{% macro clickhouse__text_to_moment(text) -%}
    {%- set shape = '^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]|$|Z|[+-]|$)|$)' -%}
    {{ clickhouse__within_calendar(
        'if(match(' ~ text ~ ", '" ~ shape ~ "'), parseDateTime64BestEffortOrNull(" ~ text ~ ", 6, 'UTC'), null)", 'toDateTime64'
    ) }}
{%- endmacro %}
{% macro clickhouse__within_calendar(value, maker) -%}
    {%- set rest = ", 6, 'UTC'" if maker == 'toDateTime64' -%}
    if({{ value }} >= {{ maker }}('1900-01-01'{{ rest }}) and {{ value }} < {{ maker }}('2299-12-31'{{ rest }}), {{ value }}, null)
{%- endmacro %}

{#- ISO 8601 with an offset; text without one is read as UTC. -#}
{% macro text_to_instant(text) -%}
    {{ return(adapter.dispatch('text_to_instant', 'skvoz')(text)) }}
{%- endmacro %}
{% macro duckdb__text_to_instant(text) -%}
    {{ duckdb__within_calendar('try_cast(' ~ text ~ ' as timestamptz)', 'timestamptz') }}
{%- endmacro %}
{% macro clickhouse__text_to_instant(text) -%}
    {{ clickhouse__text_to_moment(text) }}
{%- endmacro %}

{#- Unix seconds; 0 is no time at all. -#}
{% macro text_to_epoch_instant(text) -%}
    {{ return(adapter.dispatch('text_to_epoch_instant', 'skvoz')(text)) }}
{%- endmacro %}
{% macro duckdb__text_to_epoch_instant(text) -%}
    {{ duckdb__within_calendar('try(to_timestamp(nullif(try_cast(' ~ text ~ ' as double), 0)))', 'timestamptz') }}
{%- endmacro %}
{% macro clickhouse__text_to_epoch_instant(text) -%}
    {%- set seconds = 'nullif(toFloat64OrNull(' ~ text ~ '), 0)' -%}
    {#- from the first second of 1900 to the last of 2299 -#}
    fromUnixTimestamp64Micro(
        accurateCastOrNull(if({{ seconds }} >= -2208988800 and {{ seconds }} < 10413705600, {{ rounded(seconds ~ ' * 1e6') }}, null), 'Int64'),
        'UTC'
    )
{%- endmacro %}

{% macro duckdb__within_calendar(value, type) -%}
    case when {{ value }} >= {{ type }} '1900-01-01' and {{ value }} < {{ type }} '2299-12-31' then {{ value }} end
{%- endmacro %}

{#- ---------- zones -#}

{#- A naive wall time in a zone (an expression: a literal or source_timezone(…)) as the instant it was. -#}
{% macro wall_time_to_instant(timestamp, timezone) -%}
    {{ return(adapter.dispatch('wall_time_to_instant', 'skvoz')(timestamp, timezone)) }}
{%- endmacro %}
{% macro duckdb__wall_time_to_instant(timestamp, timezone) -%}
    timezone({{ timezone }}, {{ timestamp }})
{%- endmacro %}
{#- ClickHouse takes only constant zones, so every zone in use gets a branch; fromUTCTimestamp takes no time that has a zone, and all ours do. -#}
{% macro clickhouse__wall_time_to_instant(timestamp, timezone) -%}
    multiIf(
        {% for zone in known_timezones() -%}
        {{ timezone }} = '{{ zone }}', toTimeZone(toDateTime64(toString({{ timestamp }}), 6, '{{ zone }}'), 'UTC'),
        {% endfor -%}
        null
    )
{%- endmacro %}

{#- The naive wall time of an instant in a zone. -#}
{% macro instant_to_wall_time(instant, timezone) -%}
    {{ return(adapter.dispatch('instant_to_wall_time', 'skvoz')(instant, timezone)) }}
{%- endmacro %}
{% macro duckdb__instant_to_wall_time(instant, timezone) -%}
    timezone({{ timezone }}, {{ instant }})
{%- endmacro %}
{% macro clickhouse__instant_to_wall_time(instant, timezone) -%}
    toDateTime64(toString(toTimeZone({{ instant }}, {{ timezone }})), 6, 'UTC')
{%- endmacro %}

{#- ---------- arithmetic -#}
{% macro add_days(date, days) -%}
    {{ return(adapter.dispatch('add_days', 'skvoz')(date, days)) }}
{%- endmacro %}
{% macro duckdb__add_days(date, days) -%}
    (cast({{ date }} as date) + cast({{ days }} as integer))
{%- endmacro %}
{% macro clickhouse__add_days(date, days) -%}
    addDays({{ date }}, {{ days }})
{%- endmacro %}

{% macro add_months(date, months) -%}
    {{ return(adapter.dispatch('add_months', 'skvoz')(date, months)) }}
{%- endmacro %}
{% macro duckdb__add_months(date, months) -%}
    cast(cast({{ date }} as date) + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}
{% macro clickhouse__add_months(date, months) -%}
    addMonths({{ date }}, {{ months }})
{%- endmacro %}

{#- An instant moved by hours (a fraction is kept to the second). -#}
{% macro add_hours(instant, hours) -%}
    {{ return(adapter.dispatch('add_hours', 'skvoz')(instant, hours)) }}
{%- endmacro %}
{% macro duckdb__add_hours(instant, hours) -%}
    ({{ instant }} + to_seconds(cast(3600 * ({{ hours }}) as bigint)))
{%- endmacro %}
{% macro clickhouse__add_hours(instant, hours) -%}
    addSeconds({{ instant }}, toInt64(3600 * ({{ hours }})))
{%- endmacro %}

{#- Whole days from the first date to the second. -#}
{% macro days_between(start, end) -%}
    {{ return(adapter.dispatch('days_between', 'skvoz')(start, end)) }}
{%- endmacro %}
{% macro duckdb__days_between(start, end) -%}
    cast(date_diff('day', cast({{ start }} as date), cast({{ end }} as date)) as integer)
{%- endmacro %}
{% macro clickhouse__days_between(start, end) -%}
    dateDiff('day', {{ start }}, {{ end }})
{%- endmacro %}

{#- Calendar months from the first date's month to the second's. -#}
{% macro months_between(start, end) -%}
    {{ return(adapter.dispatch('months_between', 'skvoz')(start, end)) }}
{%- endmacro %}
{% macro duckdb__months_between(start, end) -%}
    cast(date_diff('month', cast({{ start }} as date), cast({{ end }} as date)) as integer)
{%- endmacro %}
{% macro clickhouse__months_between(start, end) -%}
    dateDiff('month', {{ start }}, {{ end }})
{%- endmacro %}

{#- Seconds (DOUBLE, may be negative) from the first instant to the second. -#}
{% macro seconds_between(start, end) -%}
    {{ return(adapter.dispatch('seconds_between', 'skvoz')(start, end)) }}
{%- endmacro %}
{% macro duckdb__seconds_between(start, end) -%}
    ((epoch_us({{ end }}) - epoch_us({{ start }})) / 1e6)
{%- endmacro %}
{% macro clickhouse__seconds_between(start, end) -%}
    (dateDiff('microsecond', {{ start }}, {{ end }}) / 1e6)
{%- endmacro %}
{% macro minutes_between(start, end) -%}
    ({{ seconds_between(start, end) }} / 60)
{%- endmacro %}
{% macro hours_between(start, end) -%}
    ({{ seconds_between(start, end) }} / 3600)
{%- endmacro %}

{#- First day of the date's week (Monday), month, quarter, year. -#}
{% macro period_start(part, date) -%}
    {{ return(adapter.dispatch('period_start', 'skvoz')(part, date)) }}
{%- endmacro %}
{% macro duckdb__period_start(part, date) -%}
    cast(date_trunc('{{ part }}', {{ date }}) as date)
{%- endmacro %}
{% macro clickhouse__period_start(part, date) -%}
    {{ {'week': 'toMonday', 'month': 'toStartOfMonth', 'quarter': 'toStartOfQuarter', 'year': 'toStartOfYear'}[part] }}({{ date }})
{%- endmacro %}
{% macro month_start(date) -%}
    {{ period_start('month', date) }}
{%- endmacro %}

{#- Day of the week, Monday = 1. -#}
{% macro weekday(date) -%}
    {{ return(adapter.dispatch('weekday', 'skvoz')(date)) }}
{%- endmacro %}
{% macro duckdb__weekday(date) -%}
    cast(isodow({{ date }}) as integer)
{%- endmacro %}
{% macro clickhouse__weekday(date) -%}
    toDayOfWeek({{ date }})
{%- endmacro %}

{#- A table of every day from start to end, both inclusive: column `date`. -#}
{% macro days_table(start, end) -%}
    {{ return(adapter.dispatch('days_table', 'skvoz')(start, end)) }}
{%- endmacro %}
{% macro duckdb__days_table(start, end) -%}
    select cast(unnest(generate_series({{ start }}, {{ end }}, interval 1 day)) as date) as date
{%- endmacro %}
{% macro clickhouse__days_table(start, end) -%}
    select arrayJoin(arrayMap(n -> addDays({{ start }}, n), {{ clickhouse__steps('day', start, end) }})) as date
{%- endmacro %}

{#- A table of every month from start to end (first days, both inclusive): column `month`. -#}
{% macro months_table(start, end) -%}
    {{ return(adapter.dispatch('months_table', 'skvoz')(start, end)) }}
{%- endmacro %}
{% macro duckdb__months_table(start, end) -%}
    select cast(unnest(generate_series({{ start }}, {{ end }}, interval 1 month)) as date) as month
{%- endmacro %}
{% macro clickhouse__months_table(start, end) -%}
    select arrayJoin(arrayMap(n -> addMonths({{ start }}, n), {{ clickhouse__steps('month', start, end) }})) as month
{%- endmacro %}

{#- 0, 1, … to the end; nothing where an end is unknown or lies before the start. -#}
{% macro clickhouse__steps(part, start, end) -%}
    range(0, toUInt32(greatest(ifNull(dateDiff('{{ part }}', {{ start }}, {{ end }}), -1) + 1, 0)))
{%- endmacro %}

{#- The moment of the query. -#}
{% macro now_instant() -%}
    {{ return(adapter.dispatch('now_instant', 'skvoz')()) }}
{%- endmacro %}
{% macro duckdb__now_instant() -%} now() {%- endmacro %}
{% macro clickhouse__now_instant() -%} now64(6, 'UTC') {%- endmacro %}

{#- Whole seconds since midnight of a wall time. -#}
{% macro second_of_day(timestamp) -%}
    {{ return(adapter.dispatch('second_of_day', 'skvoz')(timestamp)) }}
{%- endmacro %}
{% macro duckdb__second_of_day(timestamp) -%}
    date_diff('second', date_trunc('day', {{ timestamp }}), {{ timestamp }})
{%- endmacro %}
{% macro clickhouse__second_of_day(timestamp) -%}
    dateDiff('second', toStartOfDay({{ timestamp }}), {{ timestamp }})
{%- endmacro %}

{#- A day after every other; 2299 is the last year that both engines hold. -#}
{% macro far_date() -%}
    {{ cast_as("'2299-12-31'", 'date') }}
{%- endmacro %}

{#- An instant from text 'YYYY-MM-DD HH:MM:SS' in UTC. -#}
{% macro instant_literal(text) -%}
    {{ return(adapter.dispatch('instant_literal', 'skvoz')(text)) }}
{%- endmacro %}
{% macro duckdb__instant_literal(text) -%}
    timestamptz '{{ text }}+00'
{%- endmacro %}
{% macro clickhouse__instant_literal(text) -%}
    toDateTime64('{{ text }}', 6, 'UTC')
{%- endmacro %}
