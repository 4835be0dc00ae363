{{ config(materialized=inlined()) }}
with

seen as (

    -- what is gone has no fields any more, only its key
    select
        *,
        max(document_id) over (partition by _source, _key) as order_id,
        max(case when is_order then 1 else 0 end) over (partition by _source, _key) as was_order,
        {{ next_seen('_loaded_at') }} over (partition by _source, _key order by _loaded_at, _load_id) as seen_to,
        count(*) over (partition by _source, _key) as versions
    from {{ ref('stg_freshoffice__document_versions') }}

),

orders as (

    select *
    from seen
    where was_order = 1 and versions > 1

),

lines as (

    {{ explode_json('orders', 'goods', {
        'product_id': 'tovar|product_id|name',
        'quantity': ['kol_vo|quantity', 'quantity'],
        'price': ['price', 'number'],
        'amount_sent': ['summa|sum', 'money'],
    }, ['_source', 'order_id', '_loaded_at', 'seen_to']) }}

)

select
    {{ crm_key('_source', 'order_id') }} as order_key,
    _loaded_at as seen_from,
    seen_to,
    {{ crm_key('_source', 'product_id') }} as product_ref,
    product_id as product_name,
    quantity,
    coalesce(amount_sent, cast(quantity * price as {{ decimal_type(18, 2) }}), 0) as line_sum
from lines
