{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('freshoffice', 'companies') }}

),

parsed as (

    {{ json_fields('records', {
        'customer_id': 'id|ID|Id',
        'customer_name': 'name|NAME',
        'tax_id': 'inn|INN',
        'kpp': 'kpp|KPP',
        'phone': 'phone|phones',
        'email': 'email',
        'city': 'city',
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
    customer_id,
    customer_name,
    'company' as customer_type,
    tax_id,
    kpp,
    phone,
    email,
    city,
    {{ crm_id('manager') }} as manager_id,
    cast(null as {{ text_type() }}) as parent_id,
    cast(null as {{ text_type() }}) as code,
    {{ sent_moment('created_text') }} as created_at,
    cast(null as {{ text_type() }}) as source_url
from parsed
