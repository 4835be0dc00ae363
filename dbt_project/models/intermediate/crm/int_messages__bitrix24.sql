{{ config(materialized=inlined()) }}

select
    {{ crm_key('activities._source', 'activities.activity_id', 'activity') }} as activity_key,
    activities._source as source,
    case when activities.type_id = '4' then 'email' else 'message' end as activity_type,
    coalesce(activities.starts_at, activities.created_at) as occurred_at,
    case when activities.owner_type_id = '2' then {{ crm_key('activities._source', 'activities.owner_id') }} end as deal_key,
    case
        when activities.owner_type_id = '4' then {{ crm_key('activities._source', 'activities.owner_id', 'company') }}
        when activities.owner_type_id = '3' then {{ crm_key('activities._source', 'activities.owner_id', 'contact') }}
        when activities.owner_type_id = '1' then lead_cards.card_key
    end as card_key,
    {{ crm_key('activities._source', 'activities.author_id') }} as manager_ref
from {{ ref('stg_bitrix24__activities') }} as activities
left join {{ ref('int_bitrix24_lead_cards') }} as lead_cards
    on activities._source = lead_cards._source and activities.owner_id = lead_cards.lead_id
where
    not activities.is_deleted
    and activities.direction = '2'
    and coalesce(activities.starts_at, activities.created_at) is not null
    -- a robot's letter has no author
    and activities.author_id is not null
    and not activities.is_automatic
    and coalesce(activities.is_completed, true)
    and (
        activities.type_id = '4'
        or (
            activities.type_id = '6'
            and activities.provider_id in (
                'CRM_SMS', 'CRM_NOTIFICATION', 'CRM_WHATSAPP', 'IMOPENLINES_SESSION', 'IMOPENLINES', 'CRM_DELIVERY'
            )
        )
    )
