{{ config(materialized=inlined()) }}
select
    _source,
    document_id as order_id,
    line_number,
    product_id,
    quantity,
    price,
    discount,
    amount,
    vat,
    false as is_cancelled,
    false as is_deleted
from {{ ref('stg_commerceml__document_lines') }}
where operation in ('Заказ товара', 'Order')
