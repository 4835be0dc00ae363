{{ config(materialized=inlined()) }}
with

records as (

    select
        *,
        _seen_at as _loaded_at
    from {{ source('feed', 'orders__versions') }}

)

{{ json_fields('records', {
    'order_id': 'id',
    'manager_id': 'manager_id',
    'amount': ['amount', 'money'],
    'order_status': 'status',
}) }}
