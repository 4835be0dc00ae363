{{ config(materialized=inlined()) }}
select
    _source as source,
    _key as leg_id,
    coalesce(did, case when length({{ digits('dst') }}) >= 6 then dst end) as mark
from {{ ref('stg_asterisk__cdr') }}
where not is_deleted and coalesce(did, case when length({{ digits('dst') }}) >= 6 then dst end) is not null
