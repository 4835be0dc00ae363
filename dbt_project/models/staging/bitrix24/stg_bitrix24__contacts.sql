{{ config(materialized='incremental') }}

with records as (
    select *
    from {{ source('bitrix24', 'contacts') }}
    {{ new_loads() }}
),

parsed as (
    {{ json_fields('records', {
        'contact_id': 'id|ID',
        'first_name': 'name|NAME',
        'second_name': 'secondName|SECOND_NAME',
        'last_name': 'lastName|LAST_NAME',
        'company_id': 'companyId|COMPANY_ID',
        'company_ids': ['companyIds|COMPANY_IDS', 'json'],
        'assigned_by_id': 'assignedById|ASSIGNED_BY_ID',
        'city': 'addressCity|ADDRESS_CITY',
        'tax_id': bitrix24_field_paths(bitrix24_field('tax_id')),
        'crm_code': bitrix24_field_paths(bitrix24_field('crm_code')),
        'origin_id': 'originId|ORIGIN_ID',
        'phones': ['PHONE|phone', 'json'],
        'emails': ['EMAIL|email', 'json'],
        'multifields': ['fm|FM', 'json'],
        'created_at': ['createdTime|DATE_CREATE', 'instant'],
        'updated_at': ['updatedTime|DATE_MODIFY', 'instant'],
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    contact_id,
    nullif(trim({{ joined_texts(['last_name', 'first_name', 'second_name'], ' ') }}), '') as contact_name,
    {{ crm_id('company_id') }} as company_id,
    company_ids,
    {{ crm_id('assigned_by_id') }} as assigned_by_id,
    city,
    {{ bitrix24_value('tax_id') }} as tax_id,
    {{ bitrix24_value('crm_code') }} as crm_code,
    origin_id,
    phones,
    emails,
    multifields,
    created_at,
    updated_at,
    _uncast_fields
from parsed
