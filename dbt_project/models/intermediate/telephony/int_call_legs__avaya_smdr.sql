{{ config(materialized=inlined()) }}
-- All segments of a call bear its start; a device beginning with V is a voicemail channel.
with

segments as (

    select
        *,
        {{ source_instant(safe_cast("replace(started_text, '/', '-')", 'timestamp')) }} as started_at,
        coalesce({{ text_to_seconds('talk_text') }}, 0) as talk_seconds,
        case when coalesce(is_internal, false) then 'internal' when direction = 'I' then 'in' else 'out' end as real_direction
    from {{ ref('stg_avaya_smdr__cdr') }}
    where not is_deleted and started_text is not null

),

judged as (

    select
        *,
        talk_seconds > 0
        and coalesce(case when real_direction = 'in' then party2_device end, '') not like 'V%'
        and coalesce(case when real_direction = 'in' then party1_device end, '') not like 'V%' as is_answered
    from segments

)

select
    _source as source,
    _source || ':call:' || coalesce(call_id, _key) || ':' || started_text as call_group,
    _key as leg_id,
    started_at,
    real_direction as direction,
    case when real_direction = 'in' then caller else called end as phone,
    {{ cast_as('null', 'varchar') }} as card_key,
    {{ cast_as('null', 'varchar') }} as deal_key,
    {{ cast_as('null', 'varchar') }} as manager_ref,
    case when is_answered then talk_seconds else 0 end as talk_seconds,
    is_answered,
    true as adds_up,
    false as is_robot,
    real_direction = 'internal' as is_internal,
    ring_seconds as wait_seconds,
    {{ text_extract_pattern("case when real_direction = 'in' then party2_device else party1_device end", '^E([0-9]+)', 1) }} as extension,
    true as is_exchange
from judged
