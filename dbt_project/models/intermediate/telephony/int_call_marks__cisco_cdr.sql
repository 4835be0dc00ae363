{{ config(materialized=inlined()) }}
select
    _source as source,
    _key as leg_id,
    first_called as mark
from {{ ref('stg_cisco_cdr__cdr') }}
where not is_deleted and length({{ digits('first_called') }}) >= 6
