{{ config(materialized=inlined()) }}

with records as (
    select *
    from {{ source('bitrix24', 'custom_fields') }}
)

{{ json_fields('records', {
    'field_name': '_field',
    'entity': '_entity',
    'field_type': 'type|USER_TYPE_ID',
    'entries': ['items|LIST', 'json'],
}) }}
