{{ config(materialized=inlined()) }}
-- A mapped system names warehouses where it names stock and sales.
with

named as (

    select
        _source,
        coalesce(warehouse_id, 'main') as warehouse_id
    from {{ ref('stg_feed__stock') }}
    where not is_deleted

    union

    select
        _source,
        warehouse_id
    from {{ ref('stg_feed__sales') }}
    where not is_deleted and warehouse_id is not null
)

select
    {{ crm_key('_source', 'warehouse_id') }} as warehouse_key,
    warehouse_id as warehouse_name
from named
