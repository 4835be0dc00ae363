{{ config(materialized=inlined()) }}
-- A leg is talk when somebody was dialled and answered: IVR and queue answer the channel themselves, feature codes and short playbacks too
-- (feeds.md 1.1). Parallel and nested legs cover the same seconds, so each leg gives only those that no earlier one of its call has given.
with

records as (

    select
        *,
        _source || ':call:' || coalesce(linkedid, uniqueid, _key) as call_group,
        case
            when {{ source_flag('utc', 'false') }} then started_utc
            else {{ source_instant('started_wall') }}
        end as started_at,
        {{ text_extract_pattern('channel', '^[A-Za-z0-9]+/([0-9]+)[-@]', 1) }} as channel_number,
        {{ text_extract_pattern('dstchannel', '^[A-Za-z0-9]+/([0-9]+)[-@]', 1) }} as target_number,
        -- numbers of cdr_pgsql where its column is numeric
        case disposition
            when '8' then 'ANSWERED'
            when '4' then 'BUSY'
            when '2' then 'FAILED'
            else {{ upper_case('disposition') }}
        end as outcome
    from {{ ref('stg_asterisk__cdr') }}
    where not is_deleted and coalesce(started_wall, started_utc) is not null

),

sides as (

    select
        *,
        {{ matches_option('dcontext', 'inbound_contexts', '(from-(trunk|pstn|did|sip-external)|incoming|inbound).*') }} as is_from_outside,
        {{ matches_option('src', 'internal', '[0-9]{2,4}') }} as is_src_ours,
        -- Local/101@from-queue rings an extension for somebody whom a queue or a ring group hands on: src tells who that is
        {{ matches_option('channel_number', 'internal', '[0-9]{2,4}') }}
        and not (
            coalesce(channel, '') like 'Local/%'
            and length({{ digits("coalesce(src, '')") }}) >= 5
            and length({{ digits("coalesce(dst, '')") }}) < 5
        ) as is_channel_ours,
        {{ matches_option('dst', 'internal', '[0-9]{2,4}') }} as is_dst_ours,
        {{ matches_option('target_number', 'internal', '[0-9]{2,4}') }} as is_target_ours,
        {{ matches_option('src', 'own_numbers', '[^0-9]{99}') }} as is_src_own_line,
        -- s, h, *97, 600: no telephone
        length({{ digits('dst') }}) >= 5 as is_dst_a_phone
    from records

),

directed as (

    select
        *,
        case
            when is_from_outside and not is_src_ours then 'in'
            when is_src_ours or is_channel_ours or is_src_own_line
                then case when is_dst_a_phone and not is_dst_ours then 'out' else 'internal' end
            else 'in'
        end as direction,
        outcome = 'ANSWERED'
        and billed_seconds > 0
        and (
            -- a menu that answered and then dialled nobody leaves Dial without a channel; where both channels are masked nothing can be told
            (lastapp = 'Dial' and (dstchannel is not null or channel is null))
            or (lastapp in ('Queue', 'AppDial', 'AppQueue', 'Bridge', 'Pickup', 'BridgeWait') and dstchannel is not null)
        ) as is_answered_leg
    from sides

),

-- what a queue or a ring group handed on was talked there: its own seconds have the waiting in them
handed_on as (

    select
        *,
        is_answered_leg
        and not (
            coalesce(dstchannel, '') like 'Local/%'
            and max(
                case
                    when is_answered_leg and coalesce(channel, '') like 'Local/%' and coalesce(dstchannel, '') not like 'Local/%' then 1
                    else 0
                end
            ) over (partition by call_group) = 1
        ) as is_answered
    from directed

),

timed as (

    select
        *,
        {{ seconds_between('min(started_at) over (partition by call_group)', 'started_at') }} + duration_seconds - billed_seconds as talk_from,
        {{ seconds_between('min(started_at) over (partition by call_group)', 'started_at') }} + duration_seconds as talk_to
    from handed_on

),

covered as (

    select
        *,
        coalesce(max(case when is_answered then talk_to end) over (
            partition by call_group order by talk_from, talk_to, _key rows between unbounded preceding and 1 preceding
        ), 0) as covered_to
    from timed

)

select
    _source as source,
    call_group,
    _key as leg_id,
    started_at,
    direction,
    case direction when 'in' then src else dst end as phone,
    {{ cast_as('null', 'varchar') }} as card_key,
    {{ cast_as('null', 'varchar') }} as deal_key,
    {{ cast_as('null', 'varchar') }} as manager_ref,
    case when is_answered then greatest(talk_to - greatest(talk_from, covered_to), 0) else 0 end as talk_seconds,
    is_answered,
    true as adds_up,
    false as is_robot,
    direction = 'internal' as is_internal,
    -- who hangs up in the menu or the queue, which answer and bill, has waited for a person all the time
    case when is_answered then duration_seconds - billed_seconds else duration_seconds end as wait_seconds,
    case
        when direction = 'in' then coalesce(case when is_target_ours then target_number end, case when is_dst_ours then dst end)
        else coalesce(case when is_channel_ours then channel_number end, case when is_src_ours then src end)
    end as extension,
    true as is_exchange
from covered
