{#-
    Fields that a company made for itself, named in var own_fields: {stream: {name: field}}. A field is a path of the record as the system
    sends it (1C: Проект_Key, Bitrix24: UF_CRM_…), in amoCRM the id, code or name of the field.
-#}
{%- set streams = var('own_fields', {}) -%}
{%- set listed = [] -%}
{%- for stream in streams -%}
    {%- do listed.append(stream.replace('.', '_')) -%}
{%- endfor -%}
{%- if not listed %}
select
    {{ cast_as('null', 'varchar') }} as _source,
    {{ cast_as('null', 'varchar') }} as stream,
    {{ cast_as('null', 'varchar') }} as record_key,
    {{ cast_as('null', 'varchar') }} as field_name,
    {{ cast_as('null', 'varchar') }} as field_value
where 1 = 0
{%- else %}

with
{%- for stream, fields in streams.items() %}
{%- set system, name = stream.split('.')[0], stream.split('.')[1] %}

records_of_{{ listed[loop.index0] }} as (

    select * from {{ source(system, name) }} where not _deleted

),
{%- set paths = {} %}
{%- for field, path in fields.items() %}
    {%- do paths.update({field: path ~ '|' ~ bitrix24_camel_name(path) if system == 'bitrix24' and path[:3] == 'UF_' else path}) %}
{%- endfor %}
{%- if system == 'amocrm' %}

parsed_{{ listed[loop.index0] }} as (

    {{ json_fields('records_of_' ~ listed[loop.index0], {'custom_fields': ['custom_fields_values', 'json']}) }}

),

{{ listed[loop.index0] }} as (

    {{ explode_json('parsed_' ~ listed[loop.index0], 'custom_fields', {
        'field_id': 'field_id', 'field_code': 'field_code', 'field_title': 'field_name', 'field_value': 'values[0].value',
    }, ['_source', '_key']) }}

),
{%- else %}

{{ listed[loop.index0] }} as (

    {{ json_fields('records_of_' ~ listed[loop.index0], paths) }}

),
{%- endif %}
{%- endfor %}

field_values as (
{%- for stream, fields in streams.items() %}
{%- set system, cte = stream.split('.')[0], listed[loop.index0] %}
{%- for field, path in fields.items() %}

    select
        _source,
        '{{ stream }}' as stream,
        _source || ':' || _key as record_key,
        '{{ field }}' as field_name,
        {{ 'field_value' if system == 'amocrm' else field }} as field_value
    from {{ cte }}
    {%- if system == 'amocrm' %}
    where '{{ path | string | lower | replace("'", "''") }}' in (field_id, {{ lower_case('field_code') }}, {{ lower_case('field_title') }})
    {%- endif %}
    {{ 'union all' if not loop.last }}
{%- endfor %}
    {{ 'union all' if not loop.last }}
{%- endfor %}

)

select
    _source,
    stream,
    record_key,
    field_name,
    field_value
from field_values
where field_value is not null
{%- endif %}
