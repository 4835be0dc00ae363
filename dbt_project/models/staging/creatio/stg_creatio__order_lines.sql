{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('creatio', 'order_lines') }}

),

parsed as (

    {{ json_fields('records', {
        'line_id': 'Id',
        'order_id': ['OrderId', 'ref'],
        'product_id': ['ProductId', 'ref'],
        'quantity': ['Quantity', 'quantity'],
        'price': ['Price', 'number'],
        'discount': ['DiscountAmount', 'money'],
        'amount': ['TotalAmount|Amount', 'money'],
        'vat': ['TaxAmount', 'money'],
        'created_at': ['CreatedOn', 'instant'],
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    order_id,
    row_number() over (partition by _source, order_id order by created_at, line_id) as line_number,
    product_id,
    quantity,
    price,
    discount,
    amount,
    vat,
    false as is_cancelled
from parsed
