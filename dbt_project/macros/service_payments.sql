{#- Whether a configured source sees payments beside the books; without one the models of such payments cost no node. -#}
{% macro has_service_payments() -%}
    {%- set systems = var('systems_of').get('int_service_payments', []) -%}
    {%- for source in var('sources', []) if source.system in systems -%}
        {{ return(true) }}
    {%- endfor -%}
    {{ return(false) }}
{%- endmacro %}

{#- Whether payments of another system than 1C (a feed, a CRM) may be told of a second time, by documents of 1C. -#}
{% macro has_payment_twins() -%}
    {%- set systems = var('sources', []) | map(attribute='system') | list -%}
    {{ return('onec' in systems and ('feed' in systems or 'freshoffice' in systems)) }}
{%- endmacro %}

{#- The number of an order so that `УТ-000072`, `ут-72` and `УТ 72` are the same: its letters, then its digits without leading zeros. -#}
{% macro order_number_folded(number) -%}
    {{ number_letters(number) }} || ':' || ltrim({{ digits(number) }}, '0')
{%- endmacro %}

{#- The letters of a document's number, Latin and Cyrillic ones of one look being one. -#}
{% macro number_letters(number) -%}
    {{ text_replace_pattern(look_alike_folded(number), '[^a-zа-яё]+', '') }}
{%- endmacro %}

{#- A pattern: what stands in the words of a payment after «заказ», «счёт» or «договор». -#}
{% macro number_after_word() -%}
    {{ return('(?i)(?:заказ[а-яё]*|сч[её]т[а-яё]*|договор[а-яё]*)[^0-9A-Za-zА-Яа-я]*([0-9A-Za-zА-Яа-я]*[-/]?[0-9]+)') }}
{%- endmacro %}

{#- Customers' money of documents: one with several lines is one payment, and its first line stands for it. -#}
{% macro documents_as_payments(payments) -%}
    select
        document_key,
        direction,
        currency_code,
        min(payment_key) as payment_key,
        sum(amount) as amount,
        min(payment_date) as payment_date,
        case when count(distinct coalesce(order_key, '')) = 1 then min(order_key) end as order_key,
        min(customer_key) as customer_key
    from {{ payments }}
    where is_customer_money
    group by document_key, direction, currency_code
{%- endmacro %}
