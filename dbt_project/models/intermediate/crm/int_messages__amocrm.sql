{{ config(materialized=inlined()) }}

select
    {{ crm_key('_source', 'event_id', 'event') }} as activity_key,
    _source as source,
    case when event_type like '%_mail' then 'email' else 'message' end as activity_type,
    created_at as occurred_at,
    case when entity_type in ('lead', 'leads') then {{ crm_key('_source', 'entity_id') }} end as deal_key,
    case
        when entity_type in ('company', 'companies') then {{ crm_key('_source', 'entity_id', 'company') }}
        when entity_type in ('contact', 'contacts') then {{ crm_key('_source', 'entity_id', 'contact') }}
    end as card_key,
    {{ crm_key('_source', 'created_by') }} as manager_ref
from {{ ref('stg_amocrm__events') }}
where
    not is_deleted
    and event_type in ('outgoing_chat_message', 'outgoing_sms', 'outgoing_mail', 'entity_direct_message')
    -- created_by 0 is a robot
    and created_by is not null
    and created_at is not null
