{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('payonline', 'transactions') }}

)

{{ json_fields('records', {
    'transaction_id': 'Id',
    'transaction_status': 'Status',
    'transaction_type': 'Type',
    'amount': ['Amount', 'money'],
    'currency_code': 'Currency',
    'order_ref': 'OrderId',
    'created_at': ['Date', 'instant'],
    'settled_at': ['PresentmentDate', 'instant'],
    'gateway': 'Gateway',
}) }}
