{{ config(materialized=inlined()) }}
-- One record is one call. clean_talk_duration is the conversation alone: talk_duration has the menu in it (feeds.md 1.3).
select
    _source as source,
    _source || ':call:' || session_id as call_group,
    session_id as leg_id,
    {{ source_instant('started_wall') }} as started_at,
    case when direction = 'in' then 'in' else 'out' end as direction,
    client_number as phone,
    {{ cast_as('null', 'varchar') }} as card_key,
    {{ cast_as('null', 'varchar') }} as deal_key,
    {{ crm_key('_source', 'employee_id') }} as manager_ref,
    case when not coalesce(is_lost, false) then coalesce(talk_seconds, 0) else 0 end as talk_seconds,
    not coalesce(is_lost, false) and coalesce(talk_seconds, 0) > 0 as is_answered,
    true as adds_up,
    false as is_robot,
    false as is_internal,
    wait_seconds,
    {{ cast_as('null', 'varchar') }} as extension,
    true as is_exchange
from {{ ref('stg_uis__calls') }}
where not is_deleted and session_id is not null and started_wall is not null
