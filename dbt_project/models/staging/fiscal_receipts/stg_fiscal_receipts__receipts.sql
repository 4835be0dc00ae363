{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('fiscal_receipts', 'receipts') }}

)

{{ json_fields('records', {
    'fiscal_drive': 'fiscalDriveNumber',
    'fiscal_document': 'fiscalDocumentNumber',
    'printed_wall': ['dateTime', 'timestamp'],
    'printed_epoch': ['dateTime', 'epoch'],
    'total_kopecks': ['totalSum', 'integer'],
    'credit_kopecks': ['creditSum', 'integer'],
    'prepaid_kopecks': ['prepaidSum', 'integer'],
    'cash_kopecks': ['cashTotalSum', 'integer'],
    'electronic_kopecks': ['ecashTotalSum', 'integer'],
    'provision_kopecks': ['provisionSum', 'integer'],
    'operation_type': ['operationType', 'integer'],
    'is_code': ['_qr', 'boolean'],
}) }}
