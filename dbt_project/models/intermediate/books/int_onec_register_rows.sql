{{ config(materialized=read_through()) }}

-- Rows of the sales register with what УТ keeps behind key catalogs, in the accounting currency, signed as the register has them.
select
    rows_sent._source as source,
    rows_sent.recorder_id as recorder_id,
    rows_sent.recorder_type as recorder_type,
    rows_sent.line_number,
    coalesce(rows_sent.movement_id, rows_sent.recorder_id) as moved_id,
    rows_sent.period,
    coalesce(rows_sent.product_id, product_keys.product_id) as product_id,
    coalesce(rows_sent.partner_id, partner_keys.partner_id) as partner_id,
    coalesce(rows_sent.counterparty_id, partner_keys.counterparty_id) as counterparty_id,
    coalesce(rows_sent.organisation_id, partner_keys.organisation_id) as organisation_id,
    coalesce(rows_sent.warehouse_id, product_keys.warehouse_id) as warehouse_id,
    rows_sent.manager_id,
    rows_sent.order_id,
    coalesce(rows_sent.quantity, 0) as quantity,
    coalesce(rows_sent.revenue, 0) as revenue,
    coalesce(rows_sent.vat, rows_sent.revenue - rows_sent.revenue_without_vat, 0) as vat,
    coalesce(rows_sent.cost, 0) + coalesce(rows_sent.extra_cost, 0) as cost,
    rows_sent.configuration as configuration,
    coalesce(operations.effect, 'sale') as effect
from {{ ref('stg_onec__sales_register_rows') }} as rows_sent
inner join {{ ref('stg_onec__sales_register') }} as register
    on
        rows_sent._source = register._source
        and rows_sent._key = register._key
        and rows_sent._load_id = register._load_id
        and not register.is_deleted
left join {{ ref('stg_onec__product_keys') }} as product_keys
    on rows_sent._source = product_keys._source and rows_sent.product_key_id = product_keys._key
left join {{ ref('stg_onec__partner_keys') }} as partner_keys
    on rows_sent._source = partner_keys._source and rows_sent.partner_key_id = partner_keys._key
left join {{ ref('sale_operations') }} as operations on rows_sent.operation = operations.operation
where coalesce(rows_sent.is_active, true) and rows_sent.period is not null
