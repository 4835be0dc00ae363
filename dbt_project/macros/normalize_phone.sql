{#-
    A phone number in E.164 ('+79161234567'), NULL for what is none: internal numbers, city numbers without an area code,
    sip addresses, 'anonymous'. Text after an extension mark (доб., ext, #, x) and words around the number are dropped. A number without
    '+' is read as `country`'s (default: the company's), because 80296123456 is Belarus there and no number at all in Russia; what the
    country's rules do not fit and has 11 digits or more is read as written with its country code. Vars outside_line_prefix (the 9 that
    an exchange dials first) and default_area_code (of numbers written without one) are the company's country's alone.
-#}
{% macro normalize_phone(value, country=none) -%}
    {%- set main = phone_without_extension(value) -%}
    {{ phone_by_plan(main, digits(main), country) }}
{%- endmacro %}

{#- The number in lower case without what follows an extension mark, and without the words that people put around it: «моб. … (Анна)». -#}
{% macro phone_without_extension(value) -%}
    {%- set words_before, words_behind = '^[a-zа-яё][a-zа-яё .,:-]*[ .,:-]', '[ (-]+[a-zа-яё][^0-9@]*$' -%}
    {%- set marks = words_before ~ '|(доб|вн|ext|x|#|,|;).*$|' ~ words_behind -%}
    {{ text_replace_pattern(lower_case('trim(' ~ value ~ ')'), marks, '') }}
{%- endmacro %}

{#- The same from the two texts it needs, for a model that has them as columns (both are used many times below). -#}
{% macro phone_by_plan(main, number, country=none) -%}
    {%- set place = country or var('company_country') -%}
    {#- country code, trunk prefix, digits of a national number -#}
    {%- set plans = {
        'RU': ['7', '8', 10], 'KZ': ['7', '8', 10], 'BY': ['375', '80', 9], 'UA': ['380', '0', 9], 'UZ': ['998', '', 9],
        'MD': ['373', '0', 8], 'RO': ['40', '0', 9], 'PL': ['48', '', 9], 'AM': ['374', '0', 8], 'GE': ['995', '0', 9],
        'AZ': ['994', '0', 9], 'KG': ['996', '0', 9], 'DE': ['49', '0', 10], 'LT': ['370', '8', 8], 'LV': ['371', '', 8],
        'EE': ['372', '', 8], 'TJ': ['992', '', 9], 'TR': ['90', '0', 10], 'IL': ['972', '0', 9], 'RS': ['381', '0', 9],
    } -%}
    {%- set plan = plans.get(place, ['', '', 0]) -%}
    {%- set code, trunk, length = plan[0], plan[1], plan[2] -%}
    {#- national numbers of +7 start with 3, 4, 8, 9 in Russia and 6, 7 in Kazakhstan -#}
    {%- set is_home = place == var('company_country') -%}
    {%- set outside, area = var('outside_line_prefix') if is_home else '', var('default_area_code') if is_home else '' -%}
    {%- set national = '[346789][0-9]{9}' if code == '7' else '[1-9][0-9]{' ~ (length - 1) ~ '}' -%}
    case
        when {{ text_matches(main, '[a-zа-я@]') }} then null
        when {{ main }} like '+%' then
            case when {{ text_matches(number, '^[1-9][0-9]{7,14}$') }} then '+' || {{ number }} end
        {%- if outside and code %}
        when {{ text_matches(number, '^' ~ outside ~ ('[78]?' if code == '7' else '(' ~ trunk ~ ')?') ~ national ~ '$') }}
            then '+{{ code }}' || {{ text_extract_pattern(number, '(' ~ national ~ ')$', 1) }}
        {%- endif %}
        {%- if area and code %}
        when {{ text_matches(number, '^[1-9][0-9]{' ~ (length - area | length - 1) ~ '}$') }} then '+{{ code }}{{ area }}' || {{ number }}
        {%- endif %}
        -- 8 10 and 00: the ways to dial abroad
        {%- if code in ('7', '375', '998', '992', '993') %}
        when {{ text_matches(number, '^810[1-9][0-9]{9,12}$') }} then '+' || substr({{ number }}, 4)
        {%- endif %}
        when {{ text_matches(number, '^00[1-9][0-9]{9,12}$') }} then '+' || substr({{ number }}, 3)
        {%- if code == '7' %}
        when {{ text_matches(number, '^[78]' ~ national ~ '$') }} then '+7' || substr({{ number }}, 2)
        {%- endif %}
        {%- if code %}
        {%- if trunk and code != '7' %}
        when {{ text_matches(number, '^' ~ trunk ~ national ~ '$') }} then '+{{ code }}' || substr({{ number }}, {{ trunk | length + 1 }})
        {%- endif %}
        when {{ text_matches(number, '^' ~ code ~ national ~ '$') }} then '+' || {{ number }}
        when {{ text_matches(number, '^' ~ national ~ '$') }} then '+{{ code }}' || {{ number }}
        {%- endif %}
        when {{ text_matches(number, '^8[0-9]{10}$') }} then null
        -- 990, 991, 997 and 999 are nobody's country: 9 and a mobile number, as exchanges write what was dialled
        when {{ text_matches(number, '^([1-8][0-9]{2}|9[0-8][0-9]|99[234568])[0-9]{8,12}$') }} then '+' || {{ number }}
    end
{%- endmacro %}
