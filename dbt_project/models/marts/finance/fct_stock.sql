select
    products.product_key,
    warehouses.warehouse_key,
    {{ cast_as('sum(coalesce(balance.quantity, 0))', 'decimal(18,3)') }} as quantity,
    {{ cast_as('sum(balance.cost * rates.rate_to_base)', 'decimal(18,2)') }} as cost_base,
    max(balance._loaded_at) as loaded_at
from {{ ref('stg_onec__stock_balance') }} as balance
left join {{ ref('stg_onec__product_keys') }} as product_keys
    on balance._source = product_keys._source and balance.product_key_id = product_keys._key
inner join {{ ref('int_product_links') }} as products
    on balance._source || ':' || coalesce(balance.product_id, product_keys.product_id) = products.product_ref
inner join {{ ref('dim_warehouses') }} as warehouses
    on balance._source || ':' || coalesce(balance.warehouse_id, product_keys.warehouse_id) = warehouses.warehouse_key
{{ join_rate('rates', accounting_currency('balance._source'), as_of_date()) }}
where not balance.is_deleted
group by products.product_key, warehouses.warehouse_key
{{ and_union_of('int_stock_records', ['product_key', 'warehouse_key', 'quantity', 'cost_base', 'loaded_at']) }}
