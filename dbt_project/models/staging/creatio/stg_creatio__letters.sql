{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('creatio', 'activities') }}

),

parsed as (

    {{ json_fields('records', {
        'letter_id': 'Id',
        'type_id': ['TypeId', 'ref'],
        'message_type_id': ['MessageTypeId', 'ref'],
        'sent_at': ['SendDate|StartDate', 'instant'],
        'opportunity_id': ['OpportunityId', 'ref'],
        'account_id': ['AccountId', 'ref'],
        'contact_id': ['ContactId', 'ref'],
        'owner_id': ['OwnerId', 'ref'],
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    letter_id,
    sent_at,
    opportunity_id as deal_id,
    coalesce(account_id, 'contact:' || contact_id) as customer_id,
    owner_id as manager_id
from parsed
-- letters that went out; identifiers of the standard dictionaries are the same on every site
where type_id = 'e2831dec-cfc0-df11-b00f-001d60e938c6' and message_type_id = '7f6d3f94-f36b-1410-068c-20cf30b39373'
