{#- Text operations whose names differ between engines. Patterns are RE2. -#}

{#- Lower and upper case of every alphabet: what ClickHouse calls lower knows Latin letters only. -#}
{% macro lower_case(expression) -%}
    {{ return(adapter.dispatch('lower_case', 'skvoz')(expression)) }}
{%- endmacro %}
{% macro duckdb__lower_case(expression) -%} lower({{ expression }}) {%- endmacro %}
{% macro clickhouse__lower_case(expression) -%} lowerUTF8({{ expression }}) {%- endmacro %}

{% macro upper_case(expression) -%}
    {{ return(adapter.dispatch('upper_case', 'skvoz')(expression)) }}
{%- endmacro %}
{% macro duckdb__upper_case(expression) -%} upper({{ expression }}) {%- endmacro %}
{% macro clickhouse__upper_case(expression) -%} upperUTF8({{ expression }}) {%- endmacro %}

{% macro text_replace_pattern(expression, pattern, replacement) -%}
    {{ return(adapter.dispatch('text_replace_pattern', 'skvoz')(expression, pattern, replacement)) }}
{%- endmacro %}
{% macro duckdb__text_replace_pattern(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}
{% macro clickhouse__text_replace_pattern(expression, pattern, replacement) -%}
    replaceRegexpAll({{ expression }}, '{{ pattern }}', '{{ replacement }}')
{%- endmacro %}

{#- The first match of a pattern (or of its group), NULL when there is none. -#}
{% macro text_extract_pattern(expression, pattern, group=0) -%}
    {{ return(adapter.dispatch('text_extract_pattern', 'skvoz')(expression, pattern, group)) }}
{%- endmacro %}
{% macro duckdb__text_extract_pattern(expression, pattern, group) -%}
    nullif(regexp_extract({{ expression }}, '{{ pattern }}', {{ group }}), '')
{%- endmacro %}
{% macro clickhouse__text_extract_pattern(expression, pattern, group) -%}
    nullif(regexpExtract({{ expression }}, '{{ pattern }}', {{ group }}), '')
{%- endmacro %}

{% macro text_matches(expression, pattern) -%}
    {{ return(adapter.dispatch('text_matches', 'skvoz')(expression, pattern)) }}
{%- endmacro %}
{% macro duckdb__text_matches(expression, pattern) -%}
    regexp_matches({{ expression }}, '{{ pattern }}')
{%- endmacro %}
{% macro clickhouse__text_matches(expression, pattern) -%}
    match({{ expression }}, '{{ pattern }}')
{%- endmacro %}

{% macro text_part(expression, separator, number) -%}
    {{ return(adapter.dispatch('text_part', 'skvoz')(expression, separator, number)) }}
{%- endmacro %}
{% macro duckdb__text_part(expression, separator, number) -%}
    nullif(split_part({{ expression }}, '{{ separator }}', {{ number }}), '')
{%- endmacro %}
{% macro clickhouse__text_part(expression, separator, number) -%}
    nullif(splitByString('{{ separator }}', assumeNotNull({{ expression }}))[{{ number }}], '')
{%- endmacro %}

{#- Distinct texts of a group joined in their own order. -#}
{% macro text_list(expression, separator=' ') -%}
    {{ return(adapter.dispatch('text_list', 'skvoz')(expression, separator)) }}
{%- endmacro %}
{% macro duckdb__text_list(expression, separator) -%}
    string_agg(distinct {{ expression }}, '{{ separator }}' order by {{ expression }})
{%- endmacro %}
{% macro clickhouse__text_list(expression, separator) -%}
    arrayStringConcat(arraySort(groupUniqArray({{ expression }})), '{{ separator }}')
{%- endmacro %}

{#- Digits of a text. -#}
{% macro digits(expression) -%}
    {{ text_replace_pattern(expression, '[^0-9]', '') }}
{%- endmacro %}

{#- An id so that digits sort as numbers and everything else as text: the order in which "the smallest id" is meant. -#}
{% macro id_order(expression) -%}
    case
        when {{ text_matches(expression, '^[0-9]+$') }} then lpad(ltrim({{ expression }}, '0'), 38, '0')
        else {{ expression }}
    end
{%- endmacro %}

{#- Lower case with Cyrillic letters that look like Latin ones made Latin: «yаndex» with a Cyrillic а meets «yandex». -#}
{% macro look_alike_folded(expression) -%}
    {{ return(adapter.dispatch('look_alike_folded', 'skvoz')(expression)) }}
{%- endmacro %}
{% macro duckdb__look_alike_folded(expression) -%}
    translate(lower(trim({{ expression }})), 'асеорхуіѕј', 'aceopxyisj')
{%- endmacro %}
{% macro clickhouse__look_alike_folded(expression) -%}
    translateUTF8(lowerUTF8(trimBoth({{ expression }})), 'асеорхуіѕј', 'aceopxyisj')
{%- endmacro %}

{#- A text that was taken out of a link, its %D1%81 made letters again; what is no such text stays as it is. -#}
{% macro unescaped(expression) -%}
    {{ return(adapter.dispatch('unescaped', 'skvoz')(expression)) }}
{%- endmacro %}
{% macro duckdb__unescaped(expression) -%}
    case
        when regexp_matches({{ expression }}, '%[0-9A-Fa-f]{2}')
            then coalesce(try(url_decode(replace({{ expression }}, '+', ' '))), {{ expression }})
        else {{ expression }}
    end
{%- endmacro %}
{% macro clickhouse__unescaped(expression) -%}
    if(
        match({{ expression }}, '%[0-9A-Fa-f]{2}') and isValidUTF8(decodeURLFormComponent(assumeNotNull({{ expression }}))),
        decodeURLFormComponent({{ expression }}),
        {{ expression }}
    )
{%- endmacro %}

{#- A mark of a link, so that it meets another spelling of itself. -#}
{% macro mark_folded(expression) -%}
    {{ look_alike_folded(unescaped(expression)) }}
{%- endmacro %}

{#- The words of a name in alphabetical order, lower case, ё as е: «Иванов Иван» meets «Иван Иванов». -#}
{% macro sorted_words(expression) -%}
    {{ return(adapter.dispatch('sorted_words', 'skvoz')(expression)) }}
{%- endmacro %}
{% macro duckdb__sorted_words(expression) -%}
    array_to_string(list_sort(string_split_regex(trim(replace(lower({{ expression }}), 'ё', 'е'), ' .'), '[\s.]+')), ' ')
{%- endmacro %}
{% macro clickhouse__sorted_words(expression) -%}
    arrayStringConcat(arraySort(splitByRegexp('[\\s.]+', trim(both ' .' from replaceAll(lowerUTF8({{ expression }}), 'ё', 'е')))), ' ')
{%- endmacro %}

{#- The given texts that are not NULL, joined with a comma; NULL when all are. -#}
{% macro joined_texts(expressions, separator=', ') -%}
    {{ return(adapter.dispatch('joined_texts', 'skvoz')(expressions, separator)) }}
{%- endmacro %}
{% macro duckdb__joined_texts(expressions, separator) -%}
    nullif(concat_ws('{{ separator }}', {{ expressions | join(', ') }}), '')
{%- endmacro %}
{% macro clickhouse__joined_texts(expressions, separator) -%}
    nullif(arrayStringConcat(arrayFilter(text -> isNotNull(text), array({{ expressions | join(', ') }})), '{{ separator }}'), '')
{%- endmacro %}
