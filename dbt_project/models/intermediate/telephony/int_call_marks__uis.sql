{{ config(materialized=inlined()) }}
select
    _source as source,
    session_id as leg_id,
    own_number as mark
from {{ ref('stg_uis__calls') }}
where not is_deleted and own_number is not null
