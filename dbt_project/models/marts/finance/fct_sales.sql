select
    sales.sale_key,
    sales.source as source,
    sales.document_key,
    sales.document_number,
    sales.sale_date,
    organisations.organisation_key as organisation_key,
    warehouses.warehouse_key as warehouse_key,
    sales.customer_key as customer_key,
    sales.product_key,
    coalesce(sales.manager_key, orders.manager_key) as manager_key,
    sales.order_key as order_key,
    coalesce(sales.deal_key, links.deal_key) as deal_key,
    -- a deal that is made after as_of has brought nobody yet
    case when deals.created_at >= {{ as_of_end() }} then channels.channel else coalesce(deals.channel, channels.channel) end as channel,
    sales.quantity,
    sales.revenue_base,
    sales.vat_base,
    sales.cost_base,
    cast(sales.revenue_base - sales.vat_base - sales.cost_base as {{ decimal_type(18, 2) }}) as gross_profit_base,
    sales.is_return,
    sales.is_sale
from {{ ref('int_sales') }} as sales
left join {{ ref('int_orders') }} as orders on sales.order_key = orders.order_key
left join {{ ref('int_order_deals') }} as links on sales.order_key = links.order_key
left join {{ ref('int_deals') }} as deals on coalesce(sales.deal_key, links.deal_key) = deals.deal_key
left join {{ ref('int_customer_channels') }} as channels on sales.customer_key = channels.customer_key
left join {{ ref('dim_organisations') }} as organisations on sales.organisation_key = organisations.organisation_key
left join {{ ref('dim_warehouses') }} as warehouses on sales.warehouse_key = warehouses.warehouse_key
