{{ config(materialized='incremental') }}

with records as (
    select *
    from {{ source('bitrix24', 'product_rows') }}
    {{ new_loads() }}
),

parsed as (
    {{ json_fields('records', {
        'row_id': 'id|ID',
        'owner_id': 'ownerId|OWNER_ID',
        'owner_type': 'ownerType|OWNER_TYPE',
        'product_id': 'productId|PRODUCT_ID',
        'product_name': 'productName|PRODUCT_NAME',
        'unit': 'measureName|MEASURE_NAME',
        'quantity': ['quantity|QUANTITY', 'quantity'],
        'price': ['price|PRICE', 'money'],
        'discount': ['discountSum|DISCOUNT_SUM', 'money'],
        'tax_rate': ['taxRate|TAX_RATE', 'rate'],
        'is_tax_included': ['taxIncluded|TAX_INCLUDED', 'boolean'],
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
    {{ crm_id('owner_id') }} as owner_id,
    owner_type,
    {{ crm_id('product_id') }} as product_id,
    product_name,
    unit,
    quantity,
    price,
    discount,
    tax_rate,
    is_tax_included,
    _uncast_fields
from parsed
