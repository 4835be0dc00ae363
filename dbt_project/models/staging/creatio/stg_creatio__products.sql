{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('creatio', 'products') }}

),

parsed as (

    {{ json_fields('records', {
        'product_id': 'Id',
        'product_name': 'Name',
        'sku': 'Code',
    }) }}
)

select
    parsed._source,
    parsed._key,
    parsed._modified_at,
    parsed._loaded_at,
    parsed._load_id,
    parsed.is_deleted,
    parsed.product_id,
    parsed.product_name,
    parsed.sku,
    cast(null as {{ text_type() }}) as category,
    cast(null as {{ text_type() }}) as unit
from parsed
