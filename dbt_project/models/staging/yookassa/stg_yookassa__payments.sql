{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('yookassa', 'payments') }}

)

{{ json_fields('records', {
    'payment_id': 'id',
    'payment_status': 'status',
    'amount': ['amount.value', 'money'],
    'currency_code': 'amount.currency',
    'created_at': ['created_at', 'instant'],
    'captured_at': ['captured_at', 'instant'],
    'description': 'description',
    'metadata': ['metadata', 'json'],
    'order_id': 'metadata.order_id|metadata.orderId|metadata.orderNumber|metadata.order',
    'is_test': ['test', 'boolean'],
}) }}
