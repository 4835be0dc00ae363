{{ config(materialized=read_through('int_shipment_records')) }}
-- What went out and came back: by 1C's documents, by what its sales register alone knows, by what was owed for when the first loaded day
-- began, and by the books of other systems.
select
    order_key,
    document_date,
    is_return,
    amount,
    currency_code,
    rate_to_base
from {{ ref('int_sale_document_lines') }}
where document_kind in ('shipment', 'return')

union all

select
    coalesce(by_order.order_key, by_document.order_key) as order_key,
    documents.document_date,
    documents.amount < 0 as is_return,
    cast(abs(documents.amount) as {{ decimal_type(18, 2) }}) as amount,
    documents.currency_code,
    documents.rate_to_base
from {{ ref('int_register_documents') }} as documents
left join {{ ref('int_order_references') }} as by_order on documents.source = by_order.source and documents.order_id = by_order.reference_id
left join {{ ref('int_order_references') }} as by_document
    on documents.source = by_document.source and documents.document_id = by_document.reference_id

union all

select
    coalesce(loaded_order_key, opening_key) as order_key,
    opened_on as document_date,
    false as is_return,
    balance as amount,
    currency_code,
    rate_to_base
from {{ ref('int_opening_balances') }}
where balance > 0
{{ and_union_of('int_shipment_records', ['order_key', 'document_date', 'is_return', 'amount', 'currency_code', 'rate_to_base']) }}
