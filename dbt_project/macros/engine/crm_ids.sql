{#- The id of another CRM record as text; 0, negative numbers and empty text mean that there is none (crm.md 1.5). -#}
{% macro crm_id(expression) -%}
    case when {{ expression }} <> '0' and {{ expression }} not like '-%' then {{ expression }} end
{%- endmacro %}

{#- A moment of a CRM; 1970 and everything before it mean that there is none. -#}
{% macro crm_instant(expression) -%}
    case when {{ expression }} > {{ instant_literal('1970-01-02 00:00:00') }} then {{ expression }} end
{%- endmacro %}

{#- NULL-safe text concatenation key: NULL when the id is NULL. `kind` is put between source and id where a system numbers kinds apart. -#}
{% macro crm_key(source, id, kind='') -%}
    ({{ source }} || ':{{ kind ~ ":" if kind }}' || {{ id }})
{%- endmacro %}

{#- The pipeline of a Bitrix24 stage: C7:NEW is of category 7, a stage without a prefix of category 0 (or of the one given). -#}
{% macro bitrix24_pipeline(stage_id, category_id) -%}
    coalesce({{ text_extract_pattern(stage_id, '^C([0-9]+):', 1) }}, {{ category_id }}, '0')
{%- endmacro %}

{#- A source of Bitrix24: the portal's own codes (WEB, CALL) say more than their names, hand-made ones (UC_AB12CD, 7) less. -#}
{% macro bitrix24_source_name(source_id, source_name) -%}
    case
        when {{ text_matches(source_id, '^[A-Z_]+$') }} and {{ source_id }} not like 'UC_%' then {{ source_id }}
        else coalesce({{ source_name }}, {{ source_id }})
    end
{%- endmacro %}

{#- How crm.item.* spells a field of the older methods: UF_CRM_ORDER → ufCrmOrder, UF_CRM_17 → ufCrm_17. -#}
{% macro bitrix24_camel_name(name) -%}
    {%- set words = (name | lower).split('_') -%}
    {%- set spelled = [words[0]] -%}
    {%- for word in words[1:] -%}
        {%- do spelled.append('_' ~ word if word[:1] in '0123456789' else word | capitalize) -%}
    {%- endfor -%}
    {{ return(spelled | join('')) }}
{%- endmacro %}
