with

ordered as (

    select
        lines.order_key,
        lines.line_number,
        lines.product_key,
        lines.quantity,
        lines.price,
        lines.discount,
        lines.amount
    from {{ ref('int_order_lines') }} as lines
    where not lines.is_cancelled

    union all

    select
        lines.order_key,
        lines.line_number,
        lines.product_key,
        case when lines.is_return then -lines.quantity else lines.quantity end as quantity,
        lines.price,
        0 as discount,
        case when lines.is_return then -lines.amount else lines.amount end as amount
    from {{ ref('int_sale_document_lines') }} as lines
    where lines.document_kind in ('shipment', 'return') and lines.order_key = lines.document_key

)

select
    ordered.order_key,
    ordered.line_number,
    ordered.product_key,
    cast(ordered.quantity as {{ decimal_type(18, 3) }}) as quantity,
    {{ money_in_base('ordered.price', 'orders.rate_to_base') }} as price_base,
    {{ money_in_base('ordered.discount', 'orders.rate_to_base') }} as discount_base,
    {{ money_in_base('ordered.amount', 'orders.rate_to_base') }} as amount_base
from ordered
inner join {{ ref('int_orders') }} as orders on ordered.order_key = orders.order_key
