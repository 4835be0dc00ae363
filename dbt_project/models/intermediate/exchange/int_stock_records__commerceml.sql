{{ config(materialized=inlined()) }}
select
    products.product_key,
    {{ crm_key('stock._source', 'stock.warehouse_id') }} as warehouse_key,
    {{ cast_as('sum(stock.quantity)', 'decimal(18,3)') }} as quantity,
    cast(null as {{ decimal_type(18, 2) }}) as cost_base,
    max(stock.loaded_at) as loaded_at
from {{ ref('stg_commerceml__stock') }} as stock
inner join {{ ref('int_product_links') }} as products on {{ crm_key('stock._source', 'stock.product_id') }} = products.product_ref
group by products.product_key, {{ crm_key('stock._source', 'stock.warehouse_id') }}
