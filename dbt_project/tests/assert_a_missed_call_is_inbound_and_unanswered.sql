-- A returned row is a call that contradicts itself: missed but answered or not inbound, lost but not missed, returned before it was missed.
select
    call_key,
    direction,
    is_answered,
    is_missed,
    is_lost,
    callback_minutes
from {{ ref('fct_calls') }}
where
    (is_missed and (is_answered or direction <> 'in'))
    or (is_lost and not is_missed)
    or callback_minutes < 0
    or (callback_minutes is not null and not is_missed)
    or (talk_seconds > 0 and not is_answered)
