{{ config(materialized='incremental') }}

with records as (
    select *
    from {{ source('bitrix24', 'companies') }}
    {{ new_loads() }}
),

parsed as (
    {{ json_fields('records', {
        'company_id': 'id|ID',
        'company_name': 'title|TITLE',
        'assigned_by_id': 'assignedById|ASSIGNED_BY_ID',
        'city': 'addressCity|ADDRESS_CITY',
        'tax_id': bitrix24_field_paths(bitrix24_field('tax_id')),
        'kpp': bitrix24_field_paths(bitrix24_field('kpp')),
        'crm_code': bitrix24_field_paths(bitrix24_field('crm_code')),
        'origin_id': 'originId|ORIGIN_ID',
        'phones': ['PHONE|phone', 'json'],
        'emails': ['EMAIL|email', 'json'],
        'multifields': ['fm|FM', 'json'],
        'is_own_company': ['isMyCompany|IS_MY_COMPANY', 'boolean'],
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
    company_id,
    company_name,
    {{ crm_id('assigned_by_id') }} as assigned_by_id,
    city,
    {{ bitrix24_value('tax_id') }} as tax_id,
    {{ bitrix24_value('kpp') }} as kpp,
    {{ bitrix24_value('crm_code') }} as crm_code,
    origin_id,
    phones,
    emails,
    multifields,
    coalesce(is_own_company, false) as is_own_company,
    created_at,
    updated_at,
    _uncast_fields
from parsed
