{{ config(materialized=inlined()) }}

with records as (
    select *
    from {{ source('amocrm', 'loss_reasons') }}
)

{{ json_fields('records', {
    'loss_reason_id': 'id',
    'loss_reason_name': 'name',
}) }}
