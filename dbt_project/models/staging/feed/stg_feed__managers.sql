{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('feed', 'managers') }}

)

{{ json_fields('records', {
    'manager_id': 'id',
    'manager_name': 'name',
    'email': 'email',
    'internal_code': 'code',
    'extension': 'extension',
    'department': 'department',
    'is_active': ['is_active', 'boolean'],
}) }}
