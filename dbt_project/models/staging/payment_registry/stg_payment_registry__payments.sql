{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('payment_registry', 'payments') }}

)

{{ json_fields('records', {
    'payment_id': 'payment_id',
    'paid_on': ['paid_on', 'date'],
    'paid_wall': ['paid_on', 'timestamp'],
    'amount': ['amount', 'money'],
    'currency_code': 'currency_code',
    'order_ref': 'order_ref',
    'operation': 'operation',
    'payment_status': 'status',
    'payer': 'payer',
    'description': 'description',
}) }}
