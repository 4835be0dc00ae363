{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('bitrix24_bi', 'users') }}

),

parsed as (

    {{ json_fields('records', {
        'manager_id': 'ID',
        'manager_name': 'NAME',
        'department': 'DEPARTMENT',
        'is_active': ['ACTIVE', 'boolean'],
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
    cast(null as {{ text_type() }}) as email,
    cast(null as {{ text_type() }}) as internal_code,
    cast(null as {{ text_type() }}) as extension,
    department,
    is_active
from parsed
