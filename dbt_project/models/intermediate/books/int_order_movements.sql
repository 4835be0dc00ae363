{{ config(materialized=read_through('int_shipment_records')) }}
-- What went out and came back, of 1C's documents and of the books of other systems.
select
    order_key,
    document_date,
    is_return,
    amount,
    currency_code,
    rate_to_base
from {{ ref('int_sale_document_lines') }}
where document_kind in ('shipment', 'return')
{{ and_union_of('int_shipment_records', ['order_key', 'document_date', 'is_return', 'amount', 'currency_code', 'rate_to_base']) }}
