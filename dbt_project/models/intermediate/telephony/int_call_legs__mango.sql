{{ config(materialized=inlined()) }}
-- An internal call may name the other side by its sip address alone (feeds.md 1.2); the menu and the queue answer, but nobody talks there.
with

legs as (

    select
        *,
        case
            when from_extension is null then 'in'
            when to_extension is not null or to_number like 'sip:%' then 'internal'
            else 'out'
        end as direction,
        answer_seconds > 0 and coalesce(location, 'abonent') = 'abonent' as is_answered
    from {{ ref('stg_mango__calls') }}
    where not is_deleted and started_at is not null

)

select
    _source as source,
    _source || ':call:' || coalesce(entry_id, _key) as call_group,
    _key as leg_id,
    started_at,
    direction,
    case direction
        when 'in' then from_number
        when 'out' then to_number
        else coalesce(to_extension, {{ text_extract_pattern('to_number', '^sip:[a-z]*([0-9]+)@', 1) }})
    end as phone,
    {{ cast_as('null', 'varchar') }} as card_key,
    {{ cast_as('null', 'varchar') }} as deal_key,
    {{ cast_as('null', 'varchar') }} as manager_ref,
    case when is_answered then finish_seconds - answer_seconds else 0 end as talk_seconds,
    is_answered,
    true as adds_up,
    false as is_robot,
    direction = 'internal' as is_internal,
    -- who hangs up in the menu or the queue has waited for a person all the time
    case when is_answered then answer_seconds else finish_seconds end - start_seconds as wait_seconds,
    case when direction = 'in' then to_extension else from_extension end as extension,
    true as is_exchange
from legs
