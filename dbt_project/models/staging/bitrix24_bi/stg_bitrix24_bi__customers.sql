{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('bitrix24_bi', 'companies') }}

),

parsed as (

    {{ json_fields('records', {
        'company_id': 'ID',
        'customer_name': 'TITLE',
        'phone': 'PHONE',
        'email': 'EMAIL',
        'city': 'ADDRESS_CITY',
        'assigned_by_id': 'ASSIGNED_BY_ID',
        'code': 'ORIGIN_ID',
        'created_text': 'DATE_CREATE',
        'is_own': ['IS_MY_COMPANY', 'boolean'],
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    'company:' || company_id as customer_id,
    customer_name,
    'company' as customer_type,
    cast(null as {{ text_type() }}) as tax_id,
    cast(null as {{ text_type() }}) as kpp,
    phone,
    email,
    city,
    {{ crm_id('assigned_by_id') }} as manager_id,
    cast(null as {{ text_type() }}) as parent_id,
    code,
    {{ sent_moment('created_text') }} as created_at,
    cast(null as {{ text_type() }}) as source_url
from parsed
-- our own legal details are kept as a company too
where not coalesce(is_own, false)
