{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('yookassa', 'receipts') }}

)

{{ json_fields('records', {
    'receipt_id': 'id',
    'payment_id': 'payment_id',
    'refund_id': 'refund_id',
    'receipt_status': 'status',
    'fiscal_document': 'fiscal_document_number',
    'fiscal_drive': 'fiscal_storage_number',
    'registered_at': ['registered_at', 'instant'],
}) }}
