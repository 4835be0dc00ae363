{{ config(materialized=inlined()) }}
-- Ids of calls begin anew when a node is restarted, so the day is part of the group (feeds.md 1.7).
with

legs as (

    select
        *,
        {{ matches_option('caller', 'internal', '[0-9]{2,5}') }} as is_caller_ours,
        {{ matches_option('called', 'internal', '[0-9]{2,5}') }} as is_called_ours,
        coalesce(connect_seconds, 0) > 0 and coalesce(talk_seconds, 0) > 0 as is_answered
    from {{ ref('stg_cisco_cdr__cdr') }}
    where not is_deleted and started_at is not null

),

directed as (

    select
        *,
        case when not is_caller_ours then 'in' when is_called_ours then 'internal' else 'out' end as direction
    from legs

)

select
    _source as source,
    _source || ':call:' || coalesce(manager_id, '') || ':' || coalesce(call_id, _key) || ':' || coalesce(cluster_id, '') || ':'
    || cast({{ business_date('started_at') }} as {{ text_type() }}) as call_group,
    _key as leg_id,
    started_at,
    direction,
    case direction when 'in' then caller else called end as phone,
    {{ cast_as('null', 'varchar') }} as card_key,
    {{ cast_as('null', 'varchar') }} as deal_key,
    {{ cast_as('null', 'varchar') }} as manager_ref,
    case when is_answered then talk_seconds else 0 end as talk_seconds,
    is_answered,
    true as adds_up,
    false as is_robot,
    direction = 'internal' as is_internal,
    case when connect_seconds > 0 then connect_seconds else disconnect_seconds end - origination_seconds as wait_seconds,
    case direction when 'in' then case when is_called_ours then called end else caller end as extension,
    true as is_exchange
from directed
