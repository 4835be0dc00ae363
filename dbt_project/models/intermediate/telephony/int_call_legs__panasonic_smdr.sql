{{ config(materialized=inlined()) }}
-- Lines carry no id of the call: those of one number on one line that touch, within a minute and a half for times are printed in
-- minutes, are one call (extensions ringing side by side, transfers); what we dialled twice is two calls unless the first line says TR.
with

lines as (

    select
        *,
        {{ source_instant('started_wall') }} as started_at,
        case
            when number_text like '<I>%' or number_text like '<D>%' or number_text like '<%>%' then 'in'
            when {{ upper_case('number_text') }} like 'EXT%' then 'internal'
            else 'out'
        end as direction,
        {{ text_extract_pattern('number_text', '(?:<I>|<D>[^<]*<I>|EXT)?([0-9+*#]+)', 1) }} as other_number,
        coalesce({{ text_to_seconds('duration_text') }}, 0) as talk_seconds,
        {{ text_to_seconds('ring_text') }} as wait_seconds
    from {{ ref('stg_panasonic_smdr__cdr') }}
    where not is_deleted and started_wall is not null

),

judged as (

    select
        *,
        talk_seconds > 0 and coalesce(condition_code, '') <> 'NA' as is_answered,
        lag(started_at) over (
            partition by _source, direction, line_code, other_number order by started_at, _key
        ) as started_before,
        lag(talk_seconds) over (
            partition by _source, direction, line_code, other_number order by started_at, _key
        ) as talked_before,
        lag(condition_code) over (
            partition by _source, direction, line_code, other_number order by started_at, _key
        ) as code_before
    from lines

),

numbered as (

    select
        *,
        case
            when
                {{ seconds_between('started_before', 'started_at') }} <= 90 + talked_before
                and (direction = 'in' or code_before = 'TR')
                then 0
            else 1
        end as is_first
    from judged

),

grouped as (

    select
        *,
        sum(is_first) over (
            partition by _source, direction, line_code, other_number
            order by started_at, _key rows between unbounded preceding and current row
        ) as call_number
    from numbered

)

select
    _source as source,
    _source || ':call:' || direction || ':' || coalesce(line_code, '') || ':' || coalesce(other_number, '') || ':'
    || case
        -- a hidden number is nobody's: each of its lines is a call
        when other_number is null then _key
        else cast(call_number as {{ text_type() }})
    end as call_group,
    _key as leg_id,
    started_at,
    direction,
    other_number as phone,
    {{ cast_as('null', 'varchar') }} as card_key,
    {{ cast_as('null', 'varchar') }} as deal_key,
    {{ cast_as('null', 'varchar') }} as manager_ref,
    case when is_answered then talk_seconds else 0 end as talk_seconds,
    is_answered,
    true as adds_up,
    false as is_robot,
    direction = 'internal' as is_internal,
    wait_seconds,
    extension,
    true as is_exchange
from grouped
