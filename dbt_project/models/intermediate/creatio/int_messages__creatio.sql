{{ config(materialized=inlined()) }}
select
    {{ crm_key('_source', 'letter_id', 'activity') }} as activity_key,
    _source as source,
    'email' as activity_type,
    sent_at as occurred_at,
    {{ crm_key('_source', 'deal_id') }} as deal_key,
    {{ crm_key('_source', 'customer_id') }} as card_key,
    {{ crm_key('_source', 'manager_id') }} as manager_ref
from {{ ref('stg_creatio__letters') }}
where not is_deleted and sent_at is not null and manager_id is not null
