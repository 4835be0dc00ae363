{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('paypal', 'transactions') }}

)

{{ json_fields('records', {
    'transaction_id': 'transaction_info.transaction_id',
    'event_code': 'transaction_info.transaction_event_code',
    'transaction_status': 'transaction_info.transaction_status',
    'amount': ['transaction_info.transaction_amount.value', 'money'],
    'currency_code': 'transaction_info.transaction_amount.currency_code',
    'order_ref': 'transaction_info.invoice_id|transaction_info.custom_field',
    'created_at': ['transaction_info.transaction_initiation_date', 'instant'],
    'description': 'transaction_info.transaction_subject',
}) }}
