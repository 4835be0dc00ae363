{#- What models of intermediate/telephony share. -#}

{#-
    Whether a text is wholly what a pattern in the options of its source says ([sources.x] internal = "[0-9]{3}"); false for NULL.
    Patterns are literals of the query, for ClickHouse takes no others.
-#}
{% macro matches_option(expression, option, default, source_column='_source') -%}
    {%- set named = [] -%}
    {%- for source in var('sources', []) if source.get(option) -%}{%- do named.append(source) -%}{%- endfor -%}
    {%- set usual = text_matches(expression, '^(' ~ default ~ ')$') -%}
    coalesce(
    {%- if named %}
        case {{ source_column }}
            {%- for source in named %}
            when {{ text_literal(source.name) }} then {{ text_matches(expression, '^(' ~ source.get(option) ~ ')$') }}
            {%- endfor %}
            else {{ usual }}
        end
    {%- else %} {{ usual }}
    {%- endif %},
        false
    )
{%- endmacro %}

{#- Seconds of a text like 01:02:03 or 00:01'40 (hours, minutes, seconds) or 1'05 (minutes, seconds); NULL for anything else. -#}
{% macro text_to_seconds(text) -%}
    case
        when {{ text_matches(text, "^[0-9]+:[0-9]{2}[:'']{1}[0-9]{2}$") }}
            then
                {{ safe_cast(text_extract_pattern(text, '^([0-9]+):', 1), 'integer') }} * 3600
                + {{ safe_cast(text_extract_pattern(text, ':([0-9]{2})', 1), 'integer') }} * 60
                + {{ safe_cast(text_extract_pattern(text, '([0-9]{2})$', 1), 'integer') }}
        when {{ text_matches(text, "^[0-9]+''[0-9]{2}$") }}
            then
                {{ safe_cast(text_extract_pattern(text, '^([0-9]+)', 1), 'integer') }} * 60
                + {{ safe_cast(text_extract_pattern(text, '([0-9]{2})$', 1), 'integer') }}
    end
{%- endmacro %}
