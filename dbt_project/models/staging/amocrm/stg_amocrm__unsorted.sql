{{ config(materialized=inlined()) }}

with records as (
    select *
    from {{ source('amocrm', 'unsorted') }}
),

parsed as (
    {{ json_fields('records', {
        'unsorted_uid': 'uid',
        'category': 'category',
        'source_name': 'source_name',
        'pipeline_id': 'pipeline_id',
        'referer': 'metadata.referer',
        'lead_id': '_embedded.leads[0].id',
        'contact_id': '_embedded.contacts[0].id',
        'company_id': '_embedded.companies[0].id',
        'custom_fields': ['_embedded.leads[0].custom_fields_values', 'json'],
        'created_at': ['created_at', 'epoch'],
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    unsorted_uid,
    category,
    source_name,
    pipeline_id,
    referer,
    {{ crm_id('lead_id') }} as lead_id,
    {{ crm_id('contact_id') }} as contact_id,
    {{ crm_id('company_id') }} as company_id,
    custom_fields,
    {{ crm_instant('created_at') }} as created_at,
    _uncast_fields
from parsed
