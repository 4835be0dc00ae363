{{ config(materialized=inlined()) }}
{%- set fields = {
    'product_id': ['Номенклатура_Key|Номенклатура', 'ref'],
    'quantity': ['Количество', 'quantity'],
    'line_sum': ['Сумма', 'money'],
    'is_cancelled': ['Отменено', 'boolean'],
} %}
{%- set kept = ['_source', '_key', '_loaded_at', 'seen_to'] %}

with

followed as (

    select
        *,
        {{ next_seen('_loaded_at') }} over (partition by _source, _key order by _loaded_at, _load_id) as seen_to,
        count(*) over (partition by _source, _key) as versions
    from {{ ref('stg_onec__order_versions') }}

),

documents as (

    select *
    from followed
    where versions > 1

),

goods as (

    {{ explode_json('documents', 'goods', fields, kept) }}

),

services as (

    {{ explode_json('documents', 'services', fields, kept) }}

),

lines as (

    select * from goods

    union all

    select * from services

)

select
    _source || ':' || _key as order_key,
    _loaded_at as seen_from,
    seen_to,
    _source || ':' || product_id as product_ref,
    product_id as product_name,
    quantity,
    line_sum
from lines
where not coalesce(is_cancelled, false)
