{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('feed', 'customers') }}

)

{{ json_fields('records', {
    'customer_id': 'id',
    'customer_name': 'name',
    'customer_type': 'kind',
    'tax_id': 'tax_id',
    'kpp': 'kpp',
    'phone': 'phone',
    'email': 'email',
    'city': 'city',
    'manager_id': 'manager_id',
    'parent_id': 'parent_id',
    'code': 'code',
    'created_at': ['created_at', 'instant'],
    'source_url': 'url',
}) }}
