{{ config(materialized=inlined()) }}

select
    {{ crm_key('_source', 'activity_id', 'activity') }} as activity_key,
    _source as source,
    case when type_id = '4' then 'email' else 'message' end as activity_type,
    coalesce(starts_at, created_at) as occurred_at,
    case when owner_type_id = '2' then {{ crm_key('_source', 'owner_id') }} end as deal_key,
    case
        when owner_type_id = '4' then {{ crm_key('_source', 'owner_id', 'company') }}
        when owner_type_id = '3' then {{ crm_key('_source', 'owner_id', 'contact') }}
    end as card_key,
    {{ crm_key('_source', 'author_id') }} as manager_ref
from {{ ref('stg_bitrix24__activities') }}
where
    not is_deleted
    and direction = '2'
    and coalesce(starts_at, created_at) is not null
    -- a robot's letter has no author
    and author_id is not null
    and not is_automatic
    and coalesce(is_completed, true)
    and (
        type_id = '4'
        or (
            type_id = '6'
            and provider_id in ('CRM_SMS', 'CRM_NOTIFICATION', 'CRM_WHATSAPP', 'IMOPENLINES_SESSION', 'IMOPENLINES', 'CRM_DELIVERY')
        )
    )
