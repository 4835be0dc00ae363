{{ config(materialized=inlined()) }}
select
    _source as source,
    call_id as leg_id,
    portal_number as mark
from {{ ref('stg_bitrix24__calls') }}
where not is_deleted and portal_number is not null
