{{ config(materialized=inlined()) }}

with records as (
    select *
    from {{ source('bitrix24', 'categories') }}
)

{{ json_fields('records', {
    'category_id': 'id|ID',
    'category_name': 'name|NAME',
    'sort': ['sort|SORT', 'integer'],
    'is_default': ['isDefault|IS_DEFAULT', 'boolean'],
}) }}
