{{ config(materialized=inlined()) }}
select
    _source as source,
    _key as leg_id,
    line_number as mark
from {{ ref('stg_mango__calls') }}
where not is_deleted and line_number is not null
