{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('feed', 'contacts') }}

)

{{ json_fields('records', {
    'contact_id': 'id',
    'contact_name': 'name',
    'customer_id': 'customer_id',
    'phone': 'phone',
    'email': 'email',
    'manager_id': 'manager_id',
    'created_at': ['created_at', 'instant'],
    'source_url': 'url',
}) }}
