{{ config(materialized='ephemeral') }}
select
    {{ crm_key('_source', '_key') }} as warehouse_key,
    warehouse_name
from {{ ref('stg_commerceml__warehouses') }}
where not is_deleted
