{{ config(materialized=read_through()) }}

with

calls as (

    select
        *,
        -- 200 is the code of a connected call; 304 missed, 603 declined, 486 busy and the rest are none
        call_type in (1, 2, 3, 4)
        and coalesce(duration_seconds, 0) > 0
        and coalesce(failed_code, '200') = '200' as is_answered
    from {{ ref('stg_bitrix24__calls') }}
    where not is_deleted and started_at is not null

),

activities as (

    select
        _source,
        activity_id,
        owner_type_id,
        owner_id
    from {{ ref('stg_bitrix24__activities') }}
    where not is_deleted
)

select
    calls._source as source,
    coalesce(calls._source || ':uniq:' || calls.call_uniq, calls._source || ':call:' || calls.call_id) as call_group,
    calls.call_id as leg_id,
    calls.started_at,
    -- 1 outbound, 2 inbound, 3 inbound redirected, 4 callback (the portal dials the client), 5 an automatic announcement
    case when calls.call_type in (2, 3) then 'in' else 'out' end as direction,
    calls.phone,
    case
        when calls.entity_type = 'COMPANY' then calls._source || ':company:' || calls.entity_id
        when calls.entity_type = 'CONTACT' then calls._source || ':contact:' || calls.entity_id
        when calls.entity_type = 'LEAD' then lead_cards.card_key
        when activities.owner_type_id = '4' then calls._source || ':company:' || activities.owner_id
        when activities.owner_type_id = '3' then calls._source || ':contact:' || activities.owner_id
    end as card_key,
    -- statistics never name a deal; the activity that the call left does
    case when activities.owner_type_id = '2' then calls._source || ':' || activities.owner_id end as deal_key,
    calls._source || ':' || calls.portal_user_id as manager_ref,
    case when calls.is_answered then calls.duration_seconds else 0 end as talk_seconds,
    calls.is_answered,
    true as adds_up,
    coalesce(calls.call_type = 5, false) as is_robot,
    coalesce(calls.call_category = 'internal', false) as is_internal,
    -- the portal's statistics do not tell how long the caller waited
    {{ cast_as('null', 'integer') }} as wait_seconds,
    {{ cast_as('null', 'varchar') }} as extension,
    false as is_exchange
from calls
left join activities on calls._source = activities._source and calls.activity_id = activities.activity_id
left join {{ ref('int_bitrix24_lead_cards') }} as lead_cards
    on calls._source = lead_cards._source and calls.entity_id = lead_cards.lead_id
