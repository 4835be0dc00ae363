{#- The business day of the build as a DATE literal; its default is today in the company time zone. -#}
{% macro as_of_date() -%}
    cast('{{ as_of_text() }}' as date)
{%- endmacro %}

{#- The day as text: the var, else what orchestration put into the environment, which dbt does not parse the project anew for. -#}
{% macro as_of_text() -%}
    {%- set given = var('as_of_date', '') or (env_var('SKVOZ_AS_OF', '') if execute else '') -%}
    {%- if given -%}
    {{ return(given | string) }}
    {%- else -%}
    {{ return(run_started_at.astimezone(modules.pytz.timezone(var('company_timezone'))).strftime('%Y-%m-%d')) }}
    {%- endif -%}
{%- endmacro %}

{#- The instant at which the as_of day ends (exclusive): a moment belongs to the build when it is < as_of_end(). -#}
{% macro as_of_end() -%}
    {{ wall_time_to_instant(cast_as(add_days(as_of_date(), 1), 'timestamp'), "'" ~ var('company_timezone') ~ "'") }}
{%- endmacro %}

{#- The business day of an instant, in the company time zone. -#}
{% macro business_date(instant) -%}
    cast({{ instant_to_wall_time(instant, "'" ~ var('company_timezone') ~ "'") }} as date)
{%- endmacro %}

{#- The day as it is written: of an instant that was made of a time without a zone, or of a date alone, in the zone of its source. -#}
{% macro written_date(instant, source_column='_source') -%}
    {%- set elsewhere = [] -%}
    {%- for source in var('sources', []) if source.timezone and source.timezone != var('company_timezone') -%}
        {%- do elsewhere.append(source) -%}
    {%- endfor -%}
    {%- if elsewhere -%}
    case {{ source_column }}
        {%- for source in elsewhere %}
        when {{ text_literal(source.name) }} then cast({{ instant_to_wall_time(instant, "'" ~ source.timezone ~ "'") }} as date)
        {%- endfor %}
        else {{ business_date(instant) }}
    end
    {%- else -%}
    {{ business_date(instant) }}
    {%- endif -%}
{%- endmacro %}

{#- The time zone of a source's naive times, as an expression over the column that names the source. -#}
{% macro source_timezone(source_column='_source') -%}
    {%- set named = var('sources', []) | selectattr('timezone', 'defined') | list -%}
    {%- if named -%}
    case {{ source_column }}
        {%- for source in named if source.timezone %}
        when {{ text_literal(source.name) }} then '{{ source.timezone }}'
        {%- endfor %}
        else '{{ var("company_timezone") }}'
    end
    {%- else -%}
    '{{ var("company_timezone") }}'
    {%- endif -%}
{%- endmacro %}

{#- A naive time of a source as an instant: the two steps that staging always takes together. -#}
{% macro source_instant(timestamp, source_column='_source') -%}
    {{ wall_time_to_instant(timestamp, source_timezone(source_column)) }}
{%- endmacro %}

{#- Every zone that a configured source or the company uses. -#}
{% macro known_timezones() -%}
    {%- set zones = [var('company_timezone')] -%}
    {%- for source in var('sources', []) if source.timezone and source.timezone not in zones -%}
        {%- do zones.append(source.timezone) -%}
    {%- endfor -%}
    {{ return(zones) }}
{%- endmacro %}
