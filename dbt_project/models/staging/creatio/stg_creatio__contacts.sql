{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('creatio', 'contacts') }}

),

parsed as (

    {{ json_fields('records', {
        'contact_id': 'Id',
        'contact_name': 'Name',
        'account_id': ['AccountId', 'ref'],
        'mobile_phone': 'MobilePhone',
        'phone': 'Phone',
        'email': 'Email',
        'owner_id': ['OwnerId', 'ref'],
        'created_at': ['CreatedOn', 'instant'],
    }) }}
)

select
    parsed._source as _source,
    parsed._key as _key,
    parsed._modified_at as _modified_at,
    parsed._loaded_at as _loaded_at,
    parsed._load_id as _load_id,
    parsed.is_deleted as is_deleted,
    parsed.contact_id as contact_id,
    parsed.contact_name as contact_name,
    parsed.account_id as customer_id,
    {{ joined_texts(['parsed.mobile_phone', 'parsed.phone']) }} as phone,
    parsed.email as email,
    parsed.owner_id as manager_id,
    parsed.created_at as created_at,
    cast(null as {{ text_type() }}) as source_url
from parsed
-- employees are contacts too
left join {{ ref('stg_creatio__managers') }} as managers
    on parsed._source = managers._source and parsed.contact_id = managers.manager_id and not managers.is_deleted
where managers.manager_id is null
