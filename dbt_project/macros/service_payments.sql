{#- Whether a configured source sees payments beside the books; without one the models of such payments cost no node. -#}
{% macro has_service_payments() -%}
    {%- set systems = var('systems_of').get('int_service_payments', []) -%}
    {%- for source in var('sources', []) if source.system in systems -%}
        {{ return(true) }}
    {%- endfor -%}
    {{ return(false) }}
{%- endmacro %}

{#- The number of an order so that `УТ-000072`, `ут-72` and `УТ 72` are the same: its letters, then its digits without leading zeros. -#}
{% macro order_number_folded(number) -%}
    {{ text_replace_pattern(look_alike_folded(number), '[^a-zа-яё]+', '') }} || ':' || ltrim({{ digits(number) }}, '0')
{%- endmacro %}

{#- A pattern: what stands in the words of a payment after «заказ», «счёт» or «договор». -#}
{% macro number_after_word() -%}
    {{ return('(?i)(?:заказ[а-яё]*|сч[её]т[а-яё]*|договор[а-яё]*)[^0-9A-Za-zА-Яа-я]*([0-9A-Za-zА-Яа-я]*[-/]?[0-9]+)') }}
{%- endmacro %}
