{{ config(materialized=inlined()) }}
with

seen as (

    select
        *,
        count(*) over (partition by _source, _key) as versions
    from {{ ref('stg_onec__order_versions') }}

)

select
    _source || ':' || _key as order_key,
    _loaded_at as seen_at,
    _load_id as load_id,
    amount,
    case
        when is_deleted then 'deleted'
        when is_marked then 'marked for deletion'
        when not is_posted then 'not posted'
        when completion is not null then completion
        when is_closed then 'closed'
        else coalesce(status, 'posted')
    end as status,
    _source || ':' || manager_id as manager_ref,
    manager_id,
    is_deleted,
    false as sums_lines
from seen
where versions > 1
