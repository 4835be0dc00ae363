{{ config(materialized=inlined()) }}
select
    _source as source,
    note_id as leg_id,
    call_source as mark
from {{ ref('stg_amocrm__call_notes') }}
where not is_deleted and call_source is not null
