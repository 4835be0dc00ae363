{{ config(materialized=inlined()) }}

with records as (
    select *
    from {{ source('amocrm', 'pipelines') }}
)

{{ json_fields('records', {
    'pipeline_id': 'id',
    'pipeline_name': 'name',
    'sort': ['sort', 'integer'],
    'is_main': ['is_main', 'boolean'],
    'is_archive': ['is_archive', 'boolean'],
    'statuses': ['_embedded.statuses', 'json'],
}) }}
