with

contacts as (

    {{ explode_json(ref('stg_amocrm__contacts'), 'custom_fields', {
        'field_code': 'field_code',
        'field_name': 'field_name',
        'field_text': 'values[0].value',
        'legal_tax_id': 'values[0].value.vat_id',
        'legal_kpp': 'values[0].value.kpp',
        'field_values': ['values', 'json'],
    }, ['_source', 'contact_id', 'is_deleted']) }}

),

companies as (

    {{ explode_json(ref('stg_amocrm__companies'), 'custom_fields', {
        'field_code': 'field_code',
        'field_name': 'field_name',
        'field_text': 'values[0].value',
        'legal_tax_id': 'values[0].value.vat_id',
        'legal_kpp': 'values[0].value.kpp',
        'field_values': ['values', 'json'],
    }, ['_source', 'company_id', 'is_deleted']) }}

),

together as (

    select
        _source,
        'contact:' || contact_id as source_customer_id,
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
    _source as source,
    source_customer_id,
    case
        when {{ lower_case('field_code') }} = 'phone' or {{ lower_case('field_name') }} in {{ crm_field_names('phone') }} then 'phone'
        when {{ lower_case('field_code') }} = 'email' or {{ lower_case('field_name') }} in {{ crm_field_names('email') }} then 'email'
        when legal_tax_id is not null or {{ lower_case('field_name') }} in {{ crm_field_names('tax_id') }} then 'tax_id'
        when {{ lower_case('field_name') }} in {{ crm_field_names('kpp') }} then 'kpp'
        when {{ lower_case('field_name') }} in {{ crm_field_names('city') }} then 'city'
        when {{ lower_case('field_name') }} in {{ crm_field_names('crm_code') }} then 'crm_code'
    end as field_kind,
    -- a field of type legal_entity holds an object instead of a text
    coalesce(legal_tax_id, field_text) as field_text,
    legal_kpp,
    field_values
from together
