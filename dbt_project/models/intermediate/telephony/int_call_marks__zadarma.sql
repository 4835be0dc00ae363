{{ config(materialized=inlined()) }}
select
    _source as source,
    _key as leg_id,
    destination as mark
from {{ ref('stg_zadarma__calls') }}
where not is_deleted and pbx_call_id like 'in%' and length({{ digits('destination') }}) >= 6
