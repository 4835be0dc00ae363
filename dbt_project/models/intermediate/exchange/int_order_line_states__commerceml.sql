{{ config(materialized=inlined()) }}
with

seen as (

    -- a document that comes again says all of itself; only documents that come again can have changed
    select
        *,
        coalesce(document_id, _key) as order_id,
        {{ next_seen('_loaded_at') }} over (partition by _source, _key order by _loaded_at, _load_id) as seen_to,
        count(*) over (partition by _source, _key) as versions
    from {{ ref('stg_commerceml__document_versions') }}
    where
        operation in ('Заказ товара', 'Order')
        and coalesce(own_role, '') <> 'Покупатель'
        and {{ commerceml_counts('_source') }}

),

orders as (

    select *
    from seen
    where versions > 1

),

lines as (

    {{ explode_json('orders', 'lines', {
        'offer_id': 'Ид|"@Товар"|"@ИдентификаторВКаталоге"',
        'sent_name': 'Наименование|"@Наименование"',
        'quantity': ['Количество|"@Количество"', 'quantity'],
        'line_sum': ['Сумма|"@Сумма"', 'money'],
    }, ['_source', 'order_id', '_loaded_at', 'seen_to']) }}

)

select
    {{ crm_key('_source', 'order_id') }} as order_key,
    _loaded_at as seen_from,
    seen_to,
    {{ crm_key('_source', offered_good('offer_id')) }} as product_ref,
    coalesce(sent_name, offer_id) as product_name,
    quantity,
    line_sum
from lines
