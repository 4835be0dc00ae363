{#-
    Names (lower case) under which hand-made CRM fields are looked for when they have no code of their own. A company adds its own
    spelling by the var `crm_field_names`, for example {tax_id: [учётный номер]}.
-#}
{% macro crm_field_names(kind) -%}
    {%- set known = {
        'tax_id': ['инн', 'инн/кпп', 'инн / кпп', 'inn', 'tax id', 'vat id', 'унп', 'бин', 'иин', 'idno', 'nip'],
        'kpp': ['кпп', 'kpp'],
        'city': ['город', 'city'],
        'crm_code': ['код 1с', '1с код', 'код в 1с', 'код 1c', 'код в 1c', 'id 1с', 'id 1c', 'guid 1с', 'guid 1c', 'код клиента'],
        'crm_source': ['источник', 'источник сделки', 'источник заявки', 'источник лида', 'source'],
        'phone': ['телефон', 'phone'],
        'email': ['email', 'e-mail', 'почта'],
    } -%}
    {%- set names = known[kind] + (own_field_names('crm_field_names', kind) | map('lower') | list) -%}
    ({% for name in names %}'{{ name }}'{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}

{#-
    Where a Bitrix24 record keeps a hand-made field, in both spellings, as a path of json_fields. Most portals number such fields
    (UF_CRM_1700000000001): a company adds its own by the var `bitrix24_fields`, for example {tax_id: [UF_CRM_1700000000001]}.
-#}
{% macro bitrix24_field(kind) -%}
    {%- set known = {
        'tax_id': ['UF_CRM_INN', 'UF_CRM_TAX_ID'],
        'kpp': ['UF_CRM_KPP'],
        'crm_code': ['UF_CRM_ONEC_CODE', 'UF_CRM_1C_CODE', 'UF_CRM_CODE_1C'],
        'loss_reason': ['UF_CRM_LOSS_REASON'],
    } -%}
    {%- set paths = [] -%}
    {%- for name in own_field_names('bitrix24_fields', kind) + known[kind] -%}
        {%- do paths.append(name) -%}
        {%- do paths.append(bitrix24_camel_name(name)) -%}
    {%- endfor -%}
    {{ return(paths | join('|')) }}
{%- endmacro %}

{#- The same as paths of json_fields: of a field with several values, which is a list, the first. -#}
{% macro bitrix24_field_paths(names) -%}
    {{ return(names | replace('|', '[0]|') ~ '[0]|' ~ names) }}
{%- endmacro %}

{#- A hand-made field as PHP sends it: an empty one of several values is `false` or an empty list. -#}
{% macro bitrix24_value(text) -%}
    case when {{ text }} not in ('false', '[]', '[""]', '[null]', '{}') then {{ text }} end
{%- endmacro %}

{#- The names that a company's var gives to a kind of field: a list, or one name alone. -#}
{% macro own_field_names(variable, kind) -%}
    {%- set named = var(variable, {}).get(kind, []) -%}
    {{ return([named] if named is string else named) }}
{%- endmacro %}
