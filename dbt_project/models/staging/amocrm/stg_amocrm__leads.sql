{{ config(materialized='incremental') }}

with records as (
    select *
    from {{ source('amocrm', 'leads') }}
    {{ new_loads() }}
),

parsed as (
    {{ json_fields('records', {
        'lead_id': ['id', 'code'],
        'lead_name': 'name',
        'pipeline_id': ['pipeline_id', 'code'],
        'status_id': ['status_id', 'code'],
        'responsible_user_id': ['responsible_user_id', 'code'],
        'loss_reason_id': ['loss_reason_id', 'code'],
        'loss_reason_name': '_embedded.loss_reason[0].name|_embedded.loss_reason.name',
        'crm_source_id': ['source_id', 'code'],
        'company_id': ['_embedded.companies[0].id', 'code'],
        'contacts': ['_embedded.contacts', 'json'],
        'custom_fields': ['custom_fields_values', 'json'],
        'price': ['price_with_minor_units|price', 'money'],
        'is_in_bin': ['is_deleted', 'boolean'],
        'created_at': ['created_at', 'epoch'],
        'updated_at': ['updated_at', 'epoch'],
        'closed_at': ['closed_at', 'epoch'],
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    lead_id,
    lead_name,
    pipeline_id,
    status_id,
    {{ crm_id('responsible_user_id') }} as responsible_user_id,
    {{ crm_id('loss_reason_id') }} as loss_reason_id,
    loss_reason_name,
    {{ crm_id('crm_source_id') }} as crm_source_id,
    {{ crm_id('company_id') }} as company_id,
    contacts,
    custom_fields,
    price,
    (is_deleted or coalesce(is_in_bin, false)) as is_deleted,
    {{ crm_instant('created_at') }} as created_at,
    {{ crm_instant('updated_at') }} as updated_at,
    {{ crm_instant('closed_at') }} as closed_at,
    _uncast_fields
from parsed
