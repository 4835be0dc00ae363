{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('yookassa', 'refunds') }}

)

{{ json_fields('records', {
    'refund_id': 'id',
    'payment_id': 'payment_id',
    'refund_status': 'status',
    'amount': ['amount.value', 'money'],
    'currency_code': 'amount.currency',
    'created_at': ['created_at', 'instant'],
    'description': 'description|comment',
}) }}
