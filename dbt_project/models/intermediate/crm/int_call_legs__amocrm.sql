{% set unanswered = 'сообщен|нет ответа|не отвеч|пропущ|занят|недоступ|missed|no answer|busy|voicemail' %}
with

notes as (

    select
        *,
        -- a call of no duration is a missed one; many exchanges leave the status out, then the text may tell a robot's answer
        case
            when call_status in (1, 3, 6, 7) then false
            when duration_seconds = 0 then false
            when call_status is null
                and {{ text_matches(lower_case('call_result'), unanswered) }}
                then false
            when duration_seconds > 0 then true
            else coalesce(call_status in (2, 4, 5), false)
        end as is_answered
    from {{ ref('stg_amocrm__call_notes') }}
    where not is_deleted and note_type in ('call_in', 'call_out') and created_at is not null

),

users as (

    select
        _source,
        user_id,
        {{ lower_case('trim(user_name)') }} as user_name
    from {{ ref('stg_amocrm__users') }}
    where not is_deleted

),

-- a name that several users have names none of them
named_users as (

    select
        _source,
        user_name,
        min(user_id) as user_id
    from users
    group by _source, user_name
    having count(distinct user_id) = 1
)

select
    notes._source as source,
    -- one call may be a note on a contact, its company and a deal: the exchange's id joins them
    coalesce(notes._source || ':uniq:' || notes.call_uniq, notes._source || ':note:' || notes.note_id) as call_group,
    notes.note_id as leg_id,
    notes.created_at as started_at,
    case notes.note_type when 'call_in' then 'in' else 'out' end as direction,
    notes.phone,
    case notes.entity_type
        when 'companies' then notes._source || ':company:' || notes.entity_id
        when 'contacts' then notes._source || ':contact:' || notes.entity_id
    end as card_key,
    case when notes.entity_type = 'leads' then notes._source || ':' || notes.entity_id end as deal_key,
    -- call_responsible is a user's id or name; the note's own user is often only who wrote it
    notes._source || ':' || coalesce(by_id.user_id, by_name.user_id, notes.responsible_user_id) as manager_ref,
    case when notes.is_answered then coalesce(notes.duration_seconds, 0) else 0 end as talk_seconds,
    notes.is_answered,
    -- the copies of one call carry the same seconds
    false as adds_up,
    false as is_robot,
    false as is_internal,
    -- a note does not tell how long the caller waited
    {{ cast_as('null', 'integer') }} as wait_seconds,
    {{ cast_as('null', 'varchar') }} as extension,
    false as is_exchange
from notes
left join users as by_id on notes._source = by_id._source and notes.call_responsible = by_id.user_id
left join named_users as by_name on notes._source = by_name._source and {{ lower_case('trim(notes.call_responsible)') }} = by_name.user_name
