-- Lines of counted orders that were not cancelled, in the order's currency. Line sums include VAT whatever the document keeps.
select
    orders.document_key as order_key,
    lines.line_number,
    orders.source,
    products.product_key,
    lines.quantity,
    lines.price,
    coalesce(lines.manual_discount, 0) + coalesce(lines.automatic_discount, 0) as discount,
    coalesce(
        nullif(lines.sum_with_vat, 0),
        case when orders.vat_included then lines.line_sum else lines.line_sum + coalesce(lines.vat, 0) end,
        0
    ) as amount,
    coalesce(lines.vat, 0) as vat,
    coalesce(lines.is_cancelled, false) as is_cancelled
from {{ ref('stg_onec__order_lines') }} as lines
inner join {{ ref('int_onec_documents') }} as orders
    on
        lines._source = orders.source
        and lines._key = orders.document_id
        and lines._load_id = orders.load_id
        and orders.document_kind = 'order'
        and orders.is_counted
left join {{ ref('int_product_links') }} as products on lines._source || ':' || lines.product_id = products.product_ref
{{ and_union_of('int_order_line_records', [
    'order_key', 'line_number', 'source', 'product_key', 'quantity', 'price', 'discount', 'amount', 'vat', 'is_cancelled',
]) }}
