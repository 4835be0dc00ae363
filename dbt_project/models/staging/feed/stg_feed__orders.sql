{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('feed', 'orders') }}

)

{{ json_fields('records', {
    'order_id': 'id',
    'order_number': 'number',
    'order_date': ['order_date', 'date'],
    'customer_id': 'customer_id',
    'manager_id': 'manager_id',
    'deal_id': 'deal_id',
    'amount': ['amount', 'money'],
    'vat': ['vat', 'money'],
    'currency_code': 'currency_code',
    'order_status': 'status',
    'due_date': ['due_date', 'date'],
    'organisation_id': 'organisation_id',
}) }}
