{{ config(materialized=inlined()) }}
-- The group's name begins with the direction; a call between two short numbers is internal (feeds.md 1.4).
with

sent as (

    select
        calls.*,
        -- a caller with a name: Zadarma (100), "Zadarma" <100>
        coalesce({{ text_extract_pattern('calls.caller', '[(<]([+]?[0-9]+)[)>]', 1) }}, calls.caller) as caller_number
    from {{ ref('stg_zadarma__calls') }} as calls
    where not calls.is_deleted and calls.started_at is not null

),

legs as (

    select
        *,
        case
            when
                length({{ digits('caller_number') }}) between 1 and 5
                and length({{ digits('destination') }}) between 1 and 5
                then 'internal'
            when pbx_call_id like 'in%' then 'in'
            when pbx_call_id like 'out%' then 'out'
            when length({{ digits('caller_number') }}) between 1 and 5 then 'out'
            else 'in'
        end as direction,
        disposition = 'answered' and talk_seconds > 0 as is_answered
    from sent

)

select
    _source as source,
    _source || ':call:' || coalesce(pbx_call_id, call_id) as call_group,
    _key as leg_id,
    started_at,
    direction,
    case when direction = 'in' then caller_number else destination end as phone,
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
        when direction <> 'in' and length({{ digits('caller_number') }}) between 1 and 5 then caller_number
        else sip
    end as extension,
    true as is_exchange
from legs
