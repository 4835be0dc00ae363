{#- Keys, links and rates of 1C that several models of intermediate/books build in the same way. -#}

{#-
    The customer card a document of 1C names. УТ, КА and ERP number partners and counterparties apart (their demo base holds equal
    guids of both kinds), so the kind is part of the key there; the other configurations have counterparties only.
-#}
{% macro onec_card_key(source, configuration, partner, counterparty) -%}
    coalesce(
        {{ source }} || ':partner:' || {{ partner }},
        {{ onec_counterparty_key(source, configuration, counterparty) }}
    )
{%- endmacro %}

{% macro onec_counterparty_key(source, configuration, counterparty) -%}
    case
        when {{ configuration }} in ('ut', 'ka', 'erp', 'crm') then {{ source }} || ':counterparty:' || {{ counterparty }}
        else {{ source }} || ':' || {{ counterparty }}
    end
{%- endmacro %}

{#- Currency that a 1C base keeps its accounts and its sales register in: [sources.x] accounting_currency, else the company's. -#}
{% macro accounting_currency(source) -%}
    {%- set named = [] -%}
    {%- for one in var('sources', []) if one.get('accounting_currency') -%}{%- do named.append(one) -%}{%- endfor -%}
    {%- if named -%}
    case {{ source }}
        {%- for one in named %}
        when '{{ one.name }}' then '{{ one.accounting_currency }}'
        {%- endfor %}
        else '{{ var("base_currency") }}'
    end
    {%- else -%}
    '{{ var("base_currency") }}'
    {%- endif -%}
{%- endmacro %}

{#-
    Joins the rate of a currency that holds on a day; `alias` is the joined table, NULL columns where there is none. The company currency
    alone, which is what accounts are kept in unless a source says otherwise, needs no looking up: millions of rows would be sorted by day.
-#}
{% macro join_rate(alias, currency, day) -%}
    {%- if currency | trim == "'" ~ var('base_currency') ~ "'" -%}
    cross join (select {{ as_rate('1') }} as rate_to_base) as {{ alias }}
    {%- else -%}
    {{ adapter.dispatch('left_join_rate', 'skvoz')(alias, currency, day) }}
    {%- endif -%}
{%- endmacro %}
{% macro duckdb__left_join_rate(alias, currency, day) -%}
    left join {{ ref('int_exchange_rate_ranges') }} as {{ alias }}
        on {{ alias }}.currency_code = {{ currency }}
        and {{ alias }}.valid_from <= {{ day }}
        and ({{ alias }}.valid_to > {{ day }} or {{ alias }}.valid_to is null)
{%- endmacro %}
{#-
    The ranges of a currency follow one another without a gap, so the last that has begun holds. A join there needs an equality of two columns,
    which the company's own currency as a literal is not.
-#}
{% macro clickhouse__left_join_rate(alias, currency, day) -%}
    {%- if day == as_of_date() -%}
    left join (
        select currency_code, rate_to_base
        from {{ ref('int_exchange_rate_ranges') }}
        where valid_from <= {{ day }} and valid_to > {{ day }}
    ) as {{ alias }}
        on {{ alias }}.currency_code = materialize({{ currency }})
    {%- else -%}
    asof left join {{ ref('int_exchange_rate_ranges') }} as {{ alias }}
        on {{ alias }}.currency_code = materialize({{ currency }})
        and {{ alias }}.valid_from <= {{ day }}
    {%- endif -%}
{%- endmacro %}

{#- A sum in the company currency; most are in it already, and need no product of two long decimals. -#}
{% macro money_in_base(amount, rate) -%}
    case when {{ rate }} = 1 then {{ round_money(amount) }} else {{ round_money(amount ~ ' * ' ~ rate) }} end
{%- endmacro %}

{#-
    Price of one unit of a document's currency in the company currency, DECIMAL(28,8): the document's own rate, else the table's of the
    day. A foreign currency whose own rate is 1:1 has no rate of its own (1C fills the field with 1 until somebody sets it).
    КурсЧислитель and КурсЗнаменатель lead into the currency of settlements; where that is neither the accounting currency nor the document's
    own, they say nothing about the company currency.
-#}
{% macro document_rate(document, currency, settlement_currency, accounting, table_rate, accounting_rate) -%}
    {%- set rate %}
    case
        when {{ currency }} = '{{ var("base_currency") }}' then 1
        when {{ currency }} = {{ accounting }} then {{ cast_as(accounting_rate, 'double') }}
        when {{ document }}.rate > 0 and {{ document }}.rate <> coalesce({{ document }}.rate_multiplicity, 1)
            then {{ quotient(document ~ '.rate', 'coalesce(nullif(' ~ document ~ '.rate_multiplicity, 0), 1)') }} * {{ accounting_rate }}
        when
            {{ document }}.rate_numerator > 0 and {{ document }}.rate_numerator <> coalesce({{ document }}.rate_denominator, 1)
            and coalesce({{ settlement_currency }}, {{ accounting }}) in ({{ accounting }}, {{ currency }})
            then
                {{ quotient(document ~ '.rate_numerator', 'coalesce(nullif(' ~ document ~ '.rate_denominator, 0), 1)') }}
                * {{ accounting_rate }}
        else {{ cast_as(table_rate, 'double') }}
    end
    {%- endset %}
    {{ as_rate(rate) }}
{%- endmacro %}

{#- Navigation link of a 1C object in the web client: the parts of the guid in the order 1C writes them. -#}
{% macro onec_link(url, entity, id) -%}
    {{ text_replace_pattern(url, '/odata/standard\\.odata/?$', '') }}
    || '/#e1cib/data/'
    || replace(replace({{ entity }}, 'Document_', 'Документ.'), 'Catalog_', 'Справочник.')
    || '?ref=' || {{ text_part(id, '-', 4) }} || {{ text_part(id, '-', 5) }} || {{ text_part(id, '-', 3) }}
    || {{ text_part(id, '-', 2) }} || {{ text_part(id, '-', 1) }}
{%- endmacro %}

{% macro decimal_type(precision, scale) -%}
    {{ return(adapter.dispatch('decimal_type', 'skvoz')(precision, scale)) }}
{%- endmacro %}
{% macro duckdb__decimal_type(precision, scale) -%} decimal({{ precision }}, {{ scale }}) {%- endmacro %}
{% macro clickhouse__decimal_type(precision, scale) -%} Nullable(Decimal({{ precision }}, {{ scale }})) {%- endmacro %}
