{{ config(materialized=inlined()) }}
with

seen as (

    -- what is gone has no fields any more, only its key
    select
        *,
        max(document_id) over (partition by _source, _key) as order_id,
        max(case when is_order then 1 else 0 end) over (partition by _source, _key) as was_order,
        {{ next_seen('_loaded_at') }} over (partition by _source, _key order by _loaded_at, _load_id) as seen_to,
        count(*) over (partition by _source, _key) as versions
    from {{ ref('stg_freshoffice__document_versions') }}

)

select
    {{ crm_key('_source', 'order_id') }} as order_key,
    _loaded_at as seen_at,
    _load_id as load_id,
    amount,
    case when is_deleted then 'deleted' end as status,
    {{ crm_key('_source', 'manager_id') }} as manager_ref,
    manager_id,
    is_deleted,
    false as sums_lines
from seen
where was_order = 1 and versions > 1
