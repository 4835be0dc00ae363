{{ config(materialized=inlined()) }}
-- Documents that count: posted, not marked, not those in which the enterprise buys, and not those of a base that is read by itself
-- (see macro commerceml_counts).
with

orders as (

    select
        _source,
        coalesce(document_id, _key) as order_id,
        document_number
    from {{ ref('stg_commerceml__documents') }}
    where operation in ('Заказ товара', 'Order') and not is_deleted

),

-- a document names the order it is based on by its id (Основание), or by its number (НомерОснования), which may come again in another year
order_ids as (

    select distinct
        _source,
        order_id
    from orders

),

order_numbers as (

    select
        _source,
        document_number,
        min(order_id) as order_id
    from orders
    group by _source, document_number
    having min(order_id) = max(order_id)

),

-- goods taken back and money given back may be based on the shipment: its order is theirs
shipments as (

    select
        shipped._source as _source,
        shipped.document_id as document_id,
        min(coalesce(order_ids.order_id, order_numbers.order_id)) as order_id
    from {{ ref('stg_commerceml__documents') }} as shipped
    left join order_ids on shipped._source = order_ids._source and shipped.order_id = order_ids.order_id
    left join order_numbers on shipped._source = order_numbers._source and shipped.order_id = order_numbers.document_number
    where shipped.operation in ('Отпуск товара', 'Sale') and not shipped.is_deleted and shipped.document_id is not null
    group by shipped._source, shipped.document_id

)

select
    documents._source as _source,
    documents._key as _key,
    documents._modified_at,
    documents._loaded_at,
    documents._load_id,
    documents.is_deleted,
    documents.operation,
    -- a site numbers orders, payments and shipments apart, so only the key tells them; orders are named by their own id
    case
        when documents.operation in ('Заказ товара', 'Order') then coalesce(documents.document_id, documents._key)
        else documents._key
    end as document_id,
    documents.document_number as document_number,
    documents.document_date,
    documents.document_time,
    case
        when {{ lower_case('documents.currency') }} in ('руб', 'руб.', 'р.', '643', '810', 'rur', 'rub', 'рубль') then 'RUB'
        when documents.currency in ('840', '$') then 'USD'
        when documents.currency in ('978', '€') then 'EUR'
        when documents.currency = '156' then 'CNY'
        when char_length(documents.currency) = 3 then {{ upper_case('documents.currency') }}
    end as currency_code,
    nullif(documents.rate, 0) as rate,
    documents.amount,
    coalesce(order_ids.order_id, order_numbers.order_id, shipments.order_id, documents.order_id) as order_id,
    documents.due_date,
    documents.customer_id,
    documents.customer_name,
    documents.tax_id,
    documents.kpp,
    documents.contacts,
    documents.tax_amount,
    documents.tax_included,
    documents.lines,
    coalesce(requisites.is_cancelled, false) as is_cancelled,
    coalesce(requisites.is_final, false) as is_final,
    coalesce(requisites.is_undone, false) as is_undone,
    coalesce(requisites.is_given_back, false) as is_given_back
from {{ ref('stg_commerceml__documents') }} as documents
left join {{ ref('stg_commerceml__requisites') }} as requisites
    on documents._source = requisites._source and documents._key = requisites._key
left join order_ids on documents._source = order_ids._source and documents.order_id = order_ids.order_id
left join order_numbers on documents._source = order_numbers._source and documents.order_id = order_numbers.document_number
left join shipments on documents._source = shipments._source and documents.order_id = shipments.document_id
where
    not documents.is_deleted
    and documents.document_date is not null
    and not coalesce(requisites.is_marked, false)
    and not coalesce(requisites.is_unposted, false)
    and coalesce(documents.own_role, '') <> 'Покупатель'
    and {{ commerceml_counts('documents._source') }}
