{{ config(materialized=inlined()) }}
-- The group's name begins with the direction; a call between two short numbers is internal (feeds.md 1.4).
with

legs as (

    select
        *,
        case
            when length({{ digits('caller') }}) between 1 and 5 and length({{ digits('destination') }}) between 1 and 5 then 'internal'
            when pbx_call_id like 'in%' then 'in'
            when pbx_call_id like 'out%' then 'out'
            when length({{ digits('caller') }}) between 1 and 5 then 'out'
            else 'in'
        end as direction,
        disposition = 'answered' and talk_seconds > 0 as is_answered
    from {{ ref('stg_zadarma__calls') }}
    where not is_deleted and started_at is not null

)

select
    _source as source,
    _source || ':call:' || coalesce(pbx_call_id, call_id) as call_group,
    _key as leg_id,
    started_at,
    direction,
    case when direction = 'in' then caller else destination end as phone,
    {{ cast_as('null', 'varchar') }} as card_key,
    {{ cast_as('null', 'varchar') }} as deal_key,
    {{ cast_as('null', 'varchar') }} as manager_ref,
    case when coalesce(is_answered, false) then talk_seconds else 0 end as talk_seconds,
    coalesce(is_answered, false) as is_answered,
    true as adds_up,
    false as is_robot,
    direction = 'internal' as is_internal,
    -- the statistics do not tell how long it rang
    {{ cast_as('null', 'integer') }} as wait_seconds,
    case
        when direction = 'in' and length({{ digits('destination') }}) between 1 and 5 then destination
        when direction <> 'in' and length({{ digits('caller') }}) between 1 and 5 then caller
        else sip
    end as extension,
    true as is_exchange
from legs
