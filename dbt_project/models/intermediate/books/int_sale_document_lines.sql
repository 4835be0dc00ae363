-- Lines of shipments, returns, retail receipts and reports with the order each belongs to; amounts in the document's currency, unsigned.
-- An order is looked for on the line, then on the header; a return finds it through its shipment, or the debt of earlier days that it
-- lowers. None: the document is its own order.
{%- set kinds = {
    'shipment': 'stg_onec__shipment_lines',
    'return': 'stg_onec__return_lines',
    'retail_receipt': 'stg_onec__retail_receipt_lines',
    'retail_return': 'stg_onec__retail_return_lines',
    'retail_report': 'stg_onec__retail_report_lines',
} %}

with

documents as (

    select
        source,
        document_key,
        document_id,
        load_id,
        document_kind,
        document_number,
        document_date,
        organisation_key,
        warehouse_key,
        customer_key,
        manager_key,
        order_id,
        invoice_id,
        basis_id,
        shipment_id,
        shift_id,
        cash_register_id,
        vat_included,
        currency_code,
        rate_to_base,
        is_return
    from {{ ref('int_onec_documents') }}
    where document_kind <> 'order' and is_counted

),

orders as (

    select
        source as order_source,
        document_id as order_document_id,
        document_key as order_document_key
    from {{ ref('int_onec_documents') }}
    where document_kind = 'order' and is_counted

),

opening_debts as (

    select
        source,
        document_id,
        opening_key
    from {{ ref('int_opening_balances') }}
    where balance > 0 and document_id is not null

),

returns_of_earlier_sales as (

    select
        returned.document_key as returned_key,
        min(opening_debts.opening_key) as opening_key
    from (
        {% for column in ['order_id', 'shipment_id', 'basis_id'] %}
        select
            source,
            document_key,
            {{ column }} as named_id
        from documents
        where is_return and {{ column }} is not null
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as returned
    inner join opening_debts on returned.source = opening_debts.source and returned.named_id = opening_debts.document_id
    group by returned.document_key

),

headers as (

    select
        documents.*,
        coalesce(
            by_order.order_document_key, by_invoice.order_document_key, by_basis.order_document_key, earlier.opening_key
        ) as header_order_key
    from documents
    left join orders as by_order on documents.source = by_order.order_source and documents.order_id = by_order.order_document_id
    left join orders as by_invoice on documents.source = by_invoice.order_source and documents.invoice_id = by_invoice.order_document_id
    left join orders as by_basis on documents.source = by_basis.order_source and documents.basis_id = by_basis.order_document_id
    left join returns_of_earlier_sales as earlier on documents.document_key = earlier.returned_key

),

lines as (
    {% for kind, model in kinds.items() %}
    select
        '{{ kind }}' as document_kind,
        lines._source,
        lines._key,
        lines._load_id,
        lines.part,
        lines.line_number,
        lines.product_id,
        lines.quantity,
        lines.price,
        lines.line_sum,
        lines.vat,
        lines.sum_with_vat,
        lines.warehouse_id,
        lines.manager_id,
        lines.order_id
    from {{ ref(model) }} as lines
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- few shipments are referred to: an order for each of a million would not fit into a small server's memory
referred_to as (

    select source || ':' || shipment_id as document_key
    from documents
    where shipment_id is not null

    union

    select source || ':' || basis_id as document_key
    from documents
    where document_kind in ('shipment', 'return') and basis_id is not null

),

shipped as (

    select
        lines.line_number as line_number,
        headers.document_key as document_key,
        coalesce(by_line.order_document_key, headers.header_order_key, headers.document_key) as order_key
    from lines
    inner join headers
        on
            lines._source = headers.source
            and lines._key = headers.document_id
            and lines._load_id = headers.load_id
            and lines.document_kind = headers.document_kind
    inner join referred_to on headers.document_key = referred_to.document_key
    left join orders as by_line on lines._source = by_line.order_source and lines.order_id = by_line.order_document_id
    where lines.document_kind = 'shipment'

),

orders_of_shipments as (

    select
        document_key,
        {{ arg_min('order_key', 'line_number') }} as order_key
    from shipped
    group by document_key

)

select
    headers.source as source,
    headers.document_key as document_key,
    headers.document_kind as document_kind,
    headers.document_number,
    headers.document_date,
    headers.organisation_key,
    coalesce(lines._source || ':' || lines.warehouse_id, headers.warehouse_key) as warehouse_key,
    headers.customer_key,
    coalesce(managers.manager_key, headers.manager_key) as manager_key,
    case
        when headers.document_kind in ('shipment', 'return')
            then
                coalesce(
                    by_line.order_document_key, headers.header_order_key, of_shipment.order_key, of_basis.order_key, headers.document_key
                )
        else coalesce(by_line.order_document_key, headers.header_order_key)
    end as order_key,
    lines.line_number,
    products.product_key,
    coalesce(products.is_service, false) as is_service,
    coalesce(lines.quantity, 0) as quantity,
    lines.price,
    coalesce(
        nullif(lines.sum_with_vat, 0),
        case when headers.vat_included then lines.line_sum else lines.line_sum + coalesce(lines.vat, 0) end,
        0
    ) as amount,
    coalesce(lines.vat, 0) as vat,
    headers.currency_code,
    headers.rate_to_base,
    headers.is_return or (lines.document_kind = 'retail_report' and lines.part = 3) as is_return,
    headers.shift_id,
    headers.cash_register_id
from lines
inner join headers
    on
        lines._source = headers.source
        and lines._key = headers.document_id
        and lines._load_id = headers.load_id
        and lines.document_kind = headers.document_kind
left join orders as by_line on lines._source = by_line.order_source and lines.order_id = by_line.order_document_id
left join orders_of_shipments as of_shipment on headers.source || ':' || headers.shipment_id = of_shipment.document_key
left join orders_of_shipments as of_basis on headers.source || ':' || headers.basis_id = of_basis.document_key
left join {{ ref('int_onec_products') }} as products on lines._source || ':' || lines.product_id = products.product_ref
left join {{ ref('int_manager_links') }} as managers on lines._source || ':' || lines.manager_id = managers.manager_ref
