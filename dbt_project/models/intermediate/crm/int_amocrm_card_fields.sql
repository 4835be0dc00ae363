with

contacts as (

    {{ explode_json(ref('stg_amocrm__contacts'), 'custom_fields', {
        'field_id': 'field_id',
        'field_code': 'field_code',
        'field_name': 'field_name',
        'field_text': 'values[0].value',
        'enum_id': 'values[0].enum_id',
        'legal_tax_id': 'values[0].value.vat_id',
        'legal_kpp': 'values[0].value.kpp',
        'field_values': ['values', 'json'],
    }, ['_source', 'contact_id', 'is_deleted']) }}

),

companies as (

    {{ explode_json(ref('stg_amocrm__companies'), 'custom_fields', {
        'field_id': 'field_id',
        'field_code': 'field_code',
        'field_name': 'field_name',
        'field_text': 'values[0].value',
        'enum_id': 'values[0].enum_id',
        'legal_tax_id': 'values[0].value.vat_id',
        'legal_kpp': 'values[0].value.kpp',
        'field_values': ['values', 'json'],
    }, ['_source', 'company_id', 'is_deleted']) }}

),

enumerations as (

    {{ explode_json(ref('stg_amocrm__custom_fields'), 'enums', {
        'enum_id': 'id',
        'enum_text': 'value',
    }, ['_source', 'field_id']) }}

),

together as (

    select
        _source,
        'contact:' || contact_id as source_customer_id,
        field_id,
        enum_id,
        field_code,
        field_name,
        field_text,
        legal_tax_id,
        legal_kpp,
        field_values
    from contacts
    where not is_deleted

    union all

    select
        _source,
        'company:' || company_id as source_customer_id,
        field_id,
        enum_id,
        field_code,
        field_name,
        field_text,
        legal_tax_id,
        legal_kpp,
        field_values
    from companies
    where not is_deleted
)

select
    together._source as source,
    together.source_customer_id as source_customer_id,
    case
        when {{ lower_case('together.field_code') }} = 'phone' or {{ lower_case('together.field_name') }} in {{ crm_field_names('phone') }} then 'phone'
        when {{ lower_case('together.field_code') }} = 'email' or {{ lower_case('together.field_name') }} in {{ crm_field_names('email') }} then 'email'
        when together.legal_tax_id is not null or {{ lower_case('together.field_name') }} in {{ crm_field_names('tax_id') }} then 'tax_id'
        when {{ lower_case('together.field_name') }} in {{ crm_field_names('kpp') }} then 'kpp'
        when {{ lower_case('together.field_name') }} in {{ crm_field_names('city') }} then 'city'
        when {{ lower_case('together.field_name') }} in {{ crm_field_names('crm_code') }} then 'crm_code'
    end as field_kind,
    -- a field of type legal_entity holds an object instead of a text, and a select may carry only the id of its value
    coalesce(together.legal_tax_id, together.field_text, enumerations.enum_text) as field_text,
    together.legal_kpp as legal_kpp,
    together.field_values as field_values
from together
left join enumerations
    on
        together._source = enumerations._source
        and together.field_id = enumerations.field_id
        and together.enum_id = enumerations.enum_id
