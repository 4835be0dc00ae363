-- A returned sale or payment is of a document that is not posted, marked for deletion, deleted, or repeats retail receipts.
select
    sales.sale_key as key,
    sales.document_key
from {{ ref('fct_sales') }} as sales
inner join {{ ref('int_onec_documents') }} as documents on sales.document_key = documents.document_key
where not documents.is_counted

union all

select
    sales.sale_key as key,
    sales.document_key
from {{ ref('fct_sales') }} as sales
inner join {{ ref('int_repeated_retail_reports') }} as reports on sales.document_key = reports.document_key

union all

select
    orders.order_key as key,
    orders.order_key as document_key
from {{ ref('fct_orders') }} as orders
inner join {{ ref('int_sources') }} as sources on orders.source = sources.source
left join {{ ref('int_onec_documents') }} as documents on orders.order_key = documents.document_key and documents.is_counted
left join {{ ref('int_register_documents') }} as others on orders.order_key = others.document_key
left join {{ ref('int_opening_balances') }} as opening on orders.order_key = opening.opening_key
where sources.system = 'onec' and documents.document_key is null and others.document_key is null and opening.opening_key is null
