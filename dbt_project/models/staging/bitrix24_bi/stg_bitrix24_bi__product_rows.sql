{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('bitrix24_bi', 'product_rows') }}

),

parsed as (

    {{ json_fields('records', {
        'row_id': 'ID',
        'deal_id': 'DEAL_ID',
        'product_id': 'PRODUCT_ID',
        'product_name': 'PRODUCT_NAME|PRODUCT',
        'unit': 'MEASURE_NAME|MEASURE',
        'quantity': ['QUANTITY', 'quantity'],
        'price': ['PRICE', 'number'],
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    row_id,
    deal_id,
    {{ crm_id('product_id') }} as product_id,
    product_name,
    unit,
    quantity,
    price
from parsed
