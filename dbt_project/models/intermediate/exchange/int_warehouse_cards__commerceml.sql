{{ config(materialized=inlined()) }}
-- Warehouses that were sent, and those that only the stock names, under their ids.
with

named as (

    select
        _source,
        _key as warehouse_id,
        coalesce(warehouse_name, _key) as warehouse_name
    from {{ ref('stg_commerceml__warehouses') }}
    where not is_deleted

),

stocked as (

    select distinct
        stock._source,
        stock.warehouse_id,
        stock.warehouse_id as warehouse_name
    from {{ ref('stg_commerceml__stock') }} as stock
    left join named on stock._source = named._source and stock.warehouse_id = named.warehouse_id
    where named.warehouse_id is null

),

warehouses as (

    select * from named

    union all

    select * from stocked

)

select
    {{ crm_key('_source', 'warehouse_id') }} as warehouse_key,
    warehouse_name
from warehouses
