{{ config(materialized=inlined()) }}
-- Goods given and taken back, a row per line; a retail site's order without a shipment document is no sale here.
select
    documents._source,
    documents.is_deleted,
    documents.document_id,
    lines.line_number,
    documents.document_number,
    documents.document_date as sale_date,
    documents.customer_id,
    lines.product_id,
    cast(null as {{ text_type() }}) as manager_id,
    documents.order_id,
    cast(null as {{ text_type() }}) as deal_id,
    cast(null as {{ text_type() }}) as warehouse_id,
    cast(null as {{ text_type() }}) as organisation_id,
    lines.quantity,
    lines.amount as revenue,
    lines.vat,
    cast(null as {{ decimal_type(18, 2) }}) as cost,
    documents.currency_code,
    documents.rate,
    documents.operation in ('Возврат товара', 'Return') as is_return
from {{ ref('stg_commerceml__kept_documents') }} as documents
inner join {{ ref('stg_commerceml__document_lines') }} as lines on documents._source = lines._source and documents._key = lines._key
where
    documents.operation in ('Отпуск товара', 'Возврат товара', 'Sale', 'Return')
    and not documents.is_cancelled
    and not documents.is_undone
