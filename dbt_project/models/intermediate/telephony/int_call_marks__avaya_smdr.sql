{{ config(materialized=inlined()) }}
select
    _source as source,
    _key as leg_id,
    coalesce(dialled, called) as mark
from {{ ref('stg_avaya_smdr__cdr') }}
where not is_deleted and direction = 'I' and length({{ digits('coalesce(dialled, called)') }}) >= 6
