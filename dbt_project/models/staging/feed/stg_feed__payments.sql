{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('feed', 'payments') }}

)

{{ json_fields('records', {
    'payment_id': 'id',
    'paid_at': ['paid_at', 'instant'],
    'direction': 'direction',
    'amount': ['amount', 'money'],
    'currency_code': 'currency_code',
    'customer_id': 'customer_id',
    'order_id': 'order_id',
    'deal_id': 'deal_id',
    'payment_method': 'method',
    'organisation_id': 'organisation_id',
    'purpose': 'purpose',
}) }}
