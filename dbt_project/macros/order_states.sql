{#-
    What was seen of orders, for marts.order_changes: int_order_states__<system> has a row per order and state of its head,
    int_order_line_states__<system> a row per line and span in which it stood in the order (seen_from NULL: from the beginning, seen_to NULL:
    still). A system adds its orders by these two files, whether its lines stand in the order or are records of their own.
-#}

{#- The next moment in a window, NULL after the last: of what may not be NULL ClickHouse's lead() would give 1970 there. -#}
{% macro next_seen(moment) -%}
    lead({{ cast_as(moment, 'timestamptz') }})
{%- endmacro %}

{#- Heads out of stg_<system>__order_versions. `sums_lines`: an order with lines comes to what they sum to. -#}
{% macro feed_order_states(system, sums_lines=false) -%}
with

seen as (

    -- what is gone has no fields any more, only its key
    select
        *,
        max(order_id) over (partition by _source, _key) as known_order_id
    from {{ ref('stg_' ~ system ~ '__order_versions') }}

)

select
    {{ crm_key('_source', 'known_order_id') }} as order_key,
    _loaded_at as seen_at,
    _load_id as load_id,
    amount,
    case when is_deleted then 'deleted' else order_status end as status,
    {{ crm_key('_source', 'manager_id') }} as manager_ref,
    manager_id,
    is_deleted,
    {{ sums_lines | lower }} as sums_lines
from seen
where known_order_id is not null
{%- endmacro %}

{#-
    Lines that are records of their own, out of stg_<system>__order_line_versions. Those of one load were seen at one moment, and those that
    were seen first are the order's from the beginning: its head came in a load of its own.
-#}
{% macro feed_order_line_states(system) -%}
with

seen as (

    select
        *,
        min(_loaded_at) over (partition by _source, _load_id) as load_seen_at
    from {{ ref('stg_' ~ system ~ '__order_line_versions') }}

),

spans as (

    select
        *,
        min(load_seen_at) over (partition by _source, order_id) as first_seen_at,
        {{ next_seen('load_seen_at') }} over (partition by _source, _key order by load_seen_at, _load_id) as seen_to
    from seen

)

select
    {{ crm_key('_source', 'order_id') }} as order_key,
    case when load_seen_at > first_seen_at then load_seen_at end as seen_from,
    seen_to,
    {{ crm_key('_source', 'product_id') }} as product_ref,
    product_id as product_name,
    quantity,
    amount as line_sum
from spans
where order_id is not null and not is_deleted and not coalesce(is_cancelled, false)
{%- endmacro %}
