{#- What is left of a customer's name without its legal form, quotes and the order of words. -#}
{% macro customer_name_words(name) -%}
    {{ sorted_words(text_replace_pattern(
        text_replace_pattern(lower_case(name), '[«»"“”„(),]', ' '),
        '(^| )(ооо|оао|зао|пао|нао|ао|ип|тоо|чп|одо|srl|ltd|llc|gmbh)( |$)', ' '
    )) }}
{%- endmacro %}
