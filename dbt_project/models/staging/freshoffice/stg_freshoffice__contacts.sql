{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('freshoffice', 'contacts') }}

),

parsed as (

    {{ json_fields('records', {
        'contact_id': 'id|ID|Id',
        'contact_name': 'name|NAME',
        'company': 'companies_id|company_id',
        'phone': 'phone|phones',
        'email': 'email',
        'manager': 'id_manager|user_id|manager_id',
        'created_text': 'date_create|created_at',
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
    {{ crm_id('company') }} as customer_id,
    phone,
    email,
    {{ crm_id('manager') }} as manager_id,
    {{ sent_moment('created_text') }} as created_at,
    cast(null as {{ text_type() }}) as source_url
from parsed
