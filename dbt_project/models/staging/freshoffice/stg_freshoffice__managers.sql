{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('freshoffice', 'users') }}

),

parsed as (

    {{ json_fields('records', {
        'manager_id': 'id|ID|Id',
        'manager_name': 'name|NAME',
        'email': 'email',
        'extension': 'phone_internal|internal_phone',
        'department': 'department',
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    manager_id,
    manager_name,
    email,
    cast(null as {{ text_type() }}) as internal_code,
    extension,
    department,
    true as is_active
from parsed
