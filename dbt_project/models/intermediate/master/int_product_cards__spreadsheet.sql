{{ config(materialized=inlined()) }}

select
    _source || ':' || _key as product_ref,
    _source as source,
    sku,
    product_name,
    category,
    category as category_path,
    unit
from {{ ref('stg_spreadsheet__products') }}
where not is_deleted
