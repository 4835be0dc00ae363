{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('bitrix24_bi', 'contacts') }}

),

parsed as (

    {{ json_fields('records', {
        'contact_id': 'ID',
        'contact_name': 'FULL_NAME|NAME',
        'company_id': 'COMPANY_ID',
        'phone': 'PHONE',
        'email': 'EMAIL',
        'assigned_by_id': 'ASSIGNED_BY_ID',
        'created_text': 'DATE_CREATE',
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
    contact_name,
    'company:' || {{ crm_id('company_id') }} as customer_id,
    phone,
    email,
    {{ crm_id('assigned_by_id') }} as manager_id,
    {{ sent_moment('created_text') }} as created_at,
    cast(null as {{ text_type() }}) as source_url
from parsed
