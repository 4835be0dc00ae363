{{ config(materialized=inlined()) }}

with

lead_values as (

    {{ explode_json(ref('stg_amocrm__leads'), 'custom_fields', {
        'field_id': 'field_id',
        'field_code': 'field_code',
        'field_name': 'field_name',
        'field_text': 'values[0].value',
        'enum_id': 'values[0].enum_id',
    }, ['_source', 'lead_id']) }}

),

enumerations as (

    {{ explode_json(ref('stg_amocrm__custom_fields'), 'enums', {
        'enum_id': 'id',
        'enum_text': 'value',
    }, ['_source', 'field_id']) }}

),

named as (

    select
        lead_values._source,
        lead_values.lead_id,
        lead_values.field_id,
        {{ lower_case('lead_values.field_code') }} as field_code,
        {{ lower_case('lead_values.field_name') }} as field_name,
        -- a select may carry only the id of its value
        coalesce(lead_values.field_text, enumerations.enum_text) as field_text
    from lead_values
    left join enumerations
        on
            lead_values._source = enumerations._source
            and lead_values.field_id = enumerations.field_id
            and lead_values.enum_id = enumerations.enum_id
)

select
    _source,
    lead_id,
    {% for mark in ['utm_source', 'utm_medium', 'utm_campaign'] -%}
    -- hand-made UTM fields have no code, so the name («UTM source») is tried when the code gave nothing
    coalesce(
        max(case when field_code = '{{ mark }}' then field_text end),
        max(case when {{ text_replace_pattern('field_name', '[ -]+', '_') }} = '{{ mark }}' then field_text end)
    ) as {{ mark }},
    {% endfor -%}
    max(case when field_name in {{ crm_field_names('crm_source') }} then field_text end) as crm_source,
    {% set order_sources = var('sources', []) | selectattr('system', 'equalto', 'amocrm') | selectattr('order_field', 'defined') | list -%}
    {%- if order_sources %}
    max(case
        {%- for configured in order_sources if configured.order_field %}
        when
            _source = '{{ configured.name }}'
            and '{{ configured.order_field | string | lower | replace("'", "''") }}' in (field_id, field_code, field_name)
            then field_text
        {%- endfor %}
    end) as order_ref
    {%- else -%}
    cast(null as {{ text_type() }}) as order_ref
    {%- endif %}
from named
group by _source, lead_id
