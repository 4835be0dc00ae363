{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('creatio', 'accounts') }}

),

parsed as (

    {{ json_fields('records', {
        'customer_id': 'Id',
        'customer_name': 'Name',
        'phone': 'Phone',
        'more_phones': 'AdditionalPhone',
        'email': 'Email',
        'code': 'Code',
        'tax_id': 'INN|TaxNumber|UsrINN',
        'kpp': 'KPP|UsrKPP',
        'owner_id': ['OwnerId', 'ref'],
        'created_at': ['CreatedOn', 'instant'],
    }) }}
)

select
    parsed._source,
    parsed._key,
    parsed._modified_at,
    parsed._loaded_at,
    parsed._load_id,
    parsed.is_deleted,
    parsed.customer_id,
    parsed.customer_name,
    'company' as customer_type,
    parsed.tax_id,
    parsed.kpp,
    {{ joined_texts(['parsed.phone', 'parsed.more_phones']) }} as phone,
    parsed.email,
    cast(null as {{ text_type() }}) as city,
    parsed.owner_id as manager_id,
    cast(null as {{ text_type() }}) as parent_id,
    parsed.code,
    parsed.created_at,
    cast(null as {{ text_type() }}) as source_url
from parsed
