{{ config(materialized=inlined()) }}

with records as (
    select *
    from {{ source('amocrm', 'custom_fields') }}
)

{{ json_fields('records', {
    'field_id': 'id',
    'entity_type': 'entity_type',
    'field_name': 'name',
    'field_code': 'code',
    'field_type': 'type',
    'enums': ['enums', 'json'],
}) }}
