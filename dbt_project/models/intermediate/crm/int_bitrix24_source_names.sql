{{ config(materialized=inlined()) }}

select
    _source,
    status_id,
    max(status_name) as status_name
from {{ ref('stg_bitrix24__statuses') }}
where entity_id = 'SOURCE' and not is_deleted and status_id is not null
group by _source, status_id
