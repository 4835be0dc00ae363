{#- How much a rule says that two cards are one customer; also the order in which a card's match_rule is chosen. -#}
{% macro match_rule_weight(rule) -%}
    case {{ rule }}
        when 'manual' then 1000000
        when 'own' then 100000
        when 'crm_code' then 10000
        when 'tax_id' then 1000
        when 'phone' then 11
        when 'email' then 10
    end
{%- endmacro %}
