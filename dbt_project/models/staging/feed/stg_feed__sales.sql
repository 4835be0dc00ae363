{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('feed', 'sales') }}

)

{{ json_fields('records', {
    'document_id': 'document_id',
    'line_number': ['line_number', 'integer'],
    'document_number': 'document_number',
    'sale_date': ['sale_date', 'date'],
    'customer_id': 'customer_id',
    'product_id': 'product_id',
    'manager_id': 'manager_id',
    'order_id': 'order_id',
    'deal_id': 'deal_id',
    'warehouse_id': 'warehouse_id',
    'organisation_id': 'organisation_id',
    'quantity': ['quantity', 'quantity'],
    'revenue': ['revenue', 'money'],
    'vat': ['vat', 'money'],
    'cost': ['cost', 'money'],
    'currency_code': 'currency_code',
    'is_return': ['is_return', 'boolean'],
}) }}
