{{ config(materialized=inlined()) }}
-- Rows that are told apart by fields of the company's choosing (key in skvoz.toml) carry no numbers: those of one document get them here.
with

records as (

    select * from {{ source('feed', 'sales') }}

),

sales as (

    {{ json_fields('records', {
        'document_id': 'document_id',
        'own_number': ['line_number', 'integer'],
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

)

select
    sales.*,
    coalesce(
        own_number,
        {{ cast_as("row_number() over (partition by _source, is_deleted, document_id, own_number order by _key)", 'integer') }}
    ) as line_number
from sales
