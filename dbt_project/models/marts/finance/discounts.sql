-- What orders gave away against the price: the discounts 1C holds on the lines, by whom, to whom, on what.
select
    {{ month_start('orders.order_date') }} as month,
    orders.manager_key,
    orders.customer_key,
    lines.product_key,
    {{ cast_as('sum(lines.amount_base + lines.discount_base)', 'decimal(18,2)') }} as full_amount,
    {{ cast_as('sum(lines.discount_base)', 'decimal(18,2)') }} as discount,
    {{ cast_as('sum(lines.amount_base)', 'decimal(18,2)') }} as amount,
    {{ ratio('sum(lines.discount_base)', 'sum(lines.amount_base + lines.discount_base)') }} as discount_share,
    {{ cast_as('count(distinct orders.order_key)', 'bigint') }} as orders_count,
    {{ cast_as('count(distinct case when lines.discount_base > 0 then orders.order_key end)', 'bigint') }} as orders_discounted
from {{ ref('fct_order_lines') }} as lines
inner join {{ ref('fct_orders') }} as orders on lines.order_key = orders.order_key
where
    orders.is_order
    and not orders.is_cancelled
    and orders.order_date <= {{ as_of_date() }}
    and lines.amount_base is not null
    and lines.discount_base is not null
group by {{ month_start('orders.order_date') }}, orders.manager_key, orders.customer_key, lines.product_key
