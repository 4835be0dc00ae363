-- Shipments and returns of some orders, one row per document.
select
    order_key,
    document_key,
    max(document_number) as document_number,
    max(sale_date) as sale_date,
    sum(revenue_base) as revenue,
    bool_or(is_return) as is_return
from marts.fct_sales
where order_key = any($orders)
    and sale_date <= $as_of
group by order_key, document_key
order by sale_date desc, document_key
limit 200
