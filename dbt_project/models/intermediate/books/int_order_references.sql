-- Which order stands behind an id that a payment, a return or a claim names: an order itself, a shipment or return of it, another document
-- that the sales register knows, the object of settlements (УТ 11.5) that the order or its shipment bears, or a document of earlier days
-- that was owed for when the first loaded day began.
with

orders as (

    select
        source,
        document_id as reference_id,
        document_key as order_key
    from {{ ref('int_onec_documents') }}
    where document_kind = 'order' and is_counted

),

documents as (

    select
        documents.source,
        documents.document_id as reference_id,
        {{ arg_min('lines.order_key', 'lines.line_number') }} as order_key
    from {{ ref('int_onec_documents') }} as documents
    inner join {{ ref('int_sale_document_lines') }} as lines on documents.document_key = lines.document_key
    where documents.document_kind in ('shipment', 'return')
    group by documents.source, documents.document_id

),

-- УНФ's order may be the recorder of its own sale: it is an order already
register_documents as (

    select
        sales.source as source,
        sales.document_id as reference_id,
        {{ arg_min(
            'coalesce(by_order.order_key, by_shipment.order_key, by_other.document_key, sales.document_key)',
            "coalesce(sales.order_id, '')"
        ) }} as order_key
    from {{ ref('int_register_documents') }} as sales
    left join orders as itself on sales.source = itself.source and sales.document_id = itself.reference_id
    left join orders as by_order on sales.source = by_order.source and sales.order_id = by_order.reference_id
    left join documents as by_shipment on sales.source = by_shipment.source and sales.order_id = by_shipment.reference_id
    left join {{ ref('int_register_documents') }} as by_other
        on sales.source = by_other.source and sales.order_id = by_other.document_id
    where itself.reference_id is null
    group by sales.source, sales.document_id

),

opening_debts as (

    select
        opening.source as source,
        opening.document_id as reference_id,
        opening.opening_key as order_key
    from {{ ref('int_opening_balances') }} as opening
    left join register_documents on opening.source = register_documents.source and opening.document_id = register_documents.reference_id
    where opening.balance > 0 and opening.document_id is not null and register_documents.reference_id is null

),

-- what was shipped in part before and in part since (an order of earlier days, or УТ's contract, where settlements go by contract): money
-- for it goes to the older debt first, as other money does
shipped_since as (
    {% for column in ['order_id', 'invoice_id', 'basis_id', 'contract_id'] %}
    select
        shipments.source as source,
        opening_debts.reference_id as reference_id,
        shipments.document_key as order_key
    from {{ ref('int_onec_documents') }} as shipments
    inner join opening_debts on shipments.source = opening_debts.source and shipments.{{ column }} = opening_debts.reference_id
    where shipments.document_kind = 'shipment' and shipments.is_counted

    union all
    {% endfor %}
    select
        lines._source as source,
        lines.order_id as reference_id,
        lines._source || ':' || lines._key as order_key
    from {{ ref('stg_onec__shipment_lines') }} as lines
    inner join opening_debts on lines._source = opening_debts.source and lines.order_id = opening_debts.reference_id
    inner join documents on lines._source = documents.source and lines._key = documents.reference_id

),

-- goods under way before they are the customer's, a shipment not posted yet: no sale, and still of its order
not_sold as (
    {% for column in ['order_id', 'invoice_id', 'basis_id'] %}
    select
        shipments.source as source,
        shipments.document_id as reference_id,
        orders.order_key as order_key
    from {{ ref('int_onec_documents') }} as shipments
    inner join orders on shipments.source = orders.source and shipments.{{ column }} = orders.reference_id
    where shipments.document_kind = 'shipment' and not shipments.is_counted

    union all
    {% endfor %}
    select
        shipments.source as source,
        shipments.document_id as reference_id,
        orders.order_key as order_key
    from {{ ref('int_onec_documents') }} as shipments
    inner join {{ ref('stg_onec__shipment_lines') }} as lines
        on shipments.source = lines._source and shipments.document_id = lines._key and shipments.load_id = lines._load_id
    inner join orders on lines._source = orders.source and lines.order_id = orders.reference_id
    where shipments.document_kind = 'shipment' and not shipments.is_counted

),

-- one of several orders (settlements by contract) tells nothing
settled_as_one as (

    select
        named.source as source,
        named.reference_id as reference_id,
        min(named.order_key) as order_key
    from (
        select
            orders.source as source,
            headers.settlement_object_id as reference_id,
            orders.order_key as order_key
        from {{ ref('stg_onec__orders') }} as headers
        inner join orders on headers._source = orders.source and headers._key = orders.reference_id
        where headers.settlement_object_id is not null

        union all

        select
            lines._source as source,
            lines.settlement_object_id as reference_id,
            coalesce(by_line.order_key, documents.order_key) as order_key
        from {{ ref('stg_onec__shipment_lines') }} as lines
        inner join documents on lines._source = documents.source and lines._key = documents.reference_id
        inner join {{ ref('int_onec_documents') }} as headers
            on
                lines._source = headers.source
                and lines._key = headers.document_id
                and lines._load_id = headers.load_id
                and headers.document_kind = 'shipment'
        left join orders as by_line on lines._source = by_line.source and lines.order_id = by_line.reference_id
        where lines.settlement_object_id is not null

        union all

        select * from opening_debts

        union all

        select * from shipped_since

        union all

        select * from not_sold
    ) as named
    group by named.source, named.reference_id
    having count(distinct named.order_key) = 1

)

select * from orders

union all

select * from documents

union all

select * from register_documents

union all

select * from settled_as_one
