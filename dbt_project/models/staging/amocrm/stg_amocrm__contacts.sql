{{ config(materialized='incremental') }}

with records as (
    select *
    from {{ source('amocrm', 'contacts') }}
    {{ new_loads() }}
),

parsed as (
    {{ json_fields('records', {
        'contact_id': 'id',
        'contact_name': 'name',
        'first_name': 'first_name',
        'last_name': 'last_name',
        'responsible_user_id': 'responsible_user_id',
        'companies': ['_embedded.companies', 'json'],
        'custom_fields': ['custom_fields_values', 'json'],
        'is_in_bin': ['is_deleted', 'boolean'],
        'created_at': ['created_at', 'epoch'],
        'updated_at': ['updated_at', 'epoch'],
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    contact_id,
    coalesce(contact_name, nullif(trim({{ joined_texts(['first_name', 'last_name'], ' ') }}), '')) as contact_name,
    {{ crm_id('responsible_user_id') }} as responsible_user_id,
    companies,
    custom_fields,
    (is_deleted or coalesce(is_in_bin, false)) as is_deleted,
    {{ crm_instant('created_at') }} as created_at,
    {{ crm_instant('updated_at') }} as updated_at,
    _uncast_fields
from parsed
