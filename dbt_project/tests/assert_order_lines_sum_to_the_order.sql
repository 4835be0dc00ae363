-- A returned order's lines do not sum to its amount by more than their roundings.
select
    orders.order_key,
    max(orders.amount_base) as amount_base,
    sum(lines.amount_base) as lines_base
from {{ ref('fct_orders') }} as orders
inner join {{ ref('fct_order_lines') }} as lines on orders.order_key = lines.order_key
group by orders.order_key
having abs(max(orders.amount_base) - sum(lines.amount_base)) > 0.005 * (count(*) + 1)
