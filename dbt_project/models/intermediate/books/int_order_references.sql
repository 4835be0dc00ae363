-- Which order stands behind an id that a payment, a return or a claim names: an order itself, or a shipment or return of it.
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

)

select * from orders

union all

select * from documents
