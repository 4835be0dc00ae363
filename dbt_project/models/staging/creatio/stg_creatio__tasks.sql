{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('creatio', 'activities') }}

),

parsed as (

    {{ json_fields('records', {
        'task_id': 'Id',
        'opportunity_id': ['OpportunityId', 'ref'],
        'account_id': ['AccountId', 'ref'],
        'contact_id': ['ContactId', 'ref'],
        'owner_id': ['OwnerId', 'ref'],
        'type_id': ['TypeId', 'ref'],
        'status_id': ['StatusId', 'ref'],
        'category_id': ['ActivityCategoryId', 'ref'],
        'created_at': ['CreatedOn', 'instant'],
        'updated_at': ['ModifiedOn', 'instant'],
        'due_at': ['DueDate', 'instant'],
    }) }}
)

select
    parsed._source,
    parsed._key,
    parsed._modified_at,
    parsed._loaded_at,
    parsed._load_id,
    parsed.is_deleted,
    parsed.task_id,
    -- identifiers of the standard dictionaries are the same on every site
    case
        when parsed.category_id in ('03df85bf-6b19-4dea-8463-d5d49b80bb28', 'e52bd583-7825-e011-8165-00155d043204') then 'call'
        when parsed.category_id = '42c74c49-58e6-df11-971b-001d60e938c6' then 'meeting'
        else 'task'
    end as task_type,
    parsed.opportunity_id as deal_id,
    coalesce(parsed.account_id, 'contact:' || parsed.contact_id) as customer_id,
    parsed.owner_id as manager_id,
    parsed.created_at,
    parsed.due_at,
    case when parsed.status_id = '4bdbb88f-58e6-df11-971b-001d60e938c6' then parsed.updated_at end as completed_at
from parsed
-- letters are activities too, and what was cancelled is no task
where
    coalesce(parsed.type_id, '') <> 'e2831dec-cfc0-df11-b00f-001d60e938c6'
    and coalesce(parsed.status_id, '') <> '201cfba8-58e6-df11-971b-001d60e938c6'
