{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('cloudpayments', 'payments') }}

)

{{ json_fields('records', {
    'transaction_id': 'TransactionId',
    'transaction_status': 'Status',
    'transaction_type': 'Type',
    'amount': ['Amount', 'money'],
    'currency_code': 'Currency',
    'order_ref': 'InvoiceId',
    'description': 'Description',
    'created_at': ['CreatedDateIso', 'instant'],
    'confirmed_at': ['ConfirmDateIso', 'instant'],
    'is_test': ['TestMode', 'boolean'],
}) }}
