{{ config(materialized=inlined()) }}

-- Meetings, mails and messages that 1C's own CRM writes down: «Событие» of УНФ by its kind, «Встреча» of the trade configurations. A call
-- is left to the documents of calls; what was planned for after the newest load has not happened.
with

events as (

    select
        *,
        {{ lower_case("coalesce(event_kind, '')") }} as kind_text,
        {{ lower_case("coalesce(event_direction, '')") }} as direction_text
    from {{ ref('stg_onec__events') }}
    where not is_deleted and not coalesce(is_marked, false)

),

judged as (

    select
        _source,
        _key,
        case
            when entity like '%Встреча' or kind_text like '%встреч%' then 'meeting'
            when kind_text like '%письмо%' and direction_text not like 'входящ%' then 'email'
            when (kind_text like '%sms%' or kind_text like '%сообщение%') and direction_text not like 'входящ%' then 'message'
        end as activity_type,
        case
            when entity like '%Встреча' or kind_text like '%встреч%' then coalesce(ends_at, starts_at, document_at)
            else document_at
        end as occurred_wall_at,
        {{ onec_counterparty_key('_source', 'configuration', 'counterparty_id') }} as card_key,
        responsible_id
    from events

),

dated as (

    select
        judged.*,
        {{ source_instant('judged.occurred_wall_at', 'judged._source') }} as occurred_at
    from judged
    where judged.activity_type is not null

)

select
    {{ crm_key('dated._source', 'dated._key') }} as activity_key,
    dated._source as source,
    dated.activity_type,
    dated.occurred_at,
    {{ cast_as('null', 'varchar') }} as deal_key,
    dated.card_key,
    {{ crm_key('dated._source', 'dated.responsible_id') }} as manager_ref
from dated
cross join {{ ref('int_newest_load') }} as loads
where dated.occurred_at <= loads.newest_load_at
