{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('creatio', 'calls') }}

),

parsed as (

    {{ json_fields('records', {
        'call_id': 'Id',
        'started_at': ['StartDate', 'instant'],
        'direction_id': ['DirectionId', 'ref'],
        'caller': 'CallerId',
        'called': 'CalledId',
        'created_by_id': ['CreatedById', 'ref'],
        'account_id': ['AccountId', 'ref'],
        'contact': ['ContactId', 'ref'],
        'opportunity_id': ['OpportunityId', 'ref'],
        'talk_seconds': ['TalkTime', 'number'],
        'wait_seconds': ['BeforeConnectionTime', 'number'],
    }) }}
)

select
    parsed._source as _source,
    parsed._key as _key,
    parsed._modified_at as _modified_at,
    parsed._loaded_at as _loaded_at,
    parsed._load_id as _load_id,
    parsed.is_deleted as is_deleted,
    parsed.call_id as call_id,
    cast(null as {{ text_type() }}) as call_group,
    parsed.started_at as started_at,
    case
        when {{ text_matches(lower_case('direction.record_name'), '^(входящ|incom)') }} then 'in'
        when {{ text_matches(lower_case('direction.record_name'), '^(исходящ|outgo)') }} then 'out'
        else 'internal'
    end as direction,
    case when {{ text_matches(lower_case('direction.record_name'), '^(входящ|incom)') }} then parsed.caller else parsed.called end as phone,
    parsed.created_by_id as manager_id,
    case
        when {{ text_matches(lower_case('direction.record_name'), '^(входящ|incom)') }} then parsed.called
        else parsed.caller
    end as extension,
    coalesce(parsed.account_id, 'contact:' || parsed.contact) as customer_id,
    parsed.opportunity_id as deal_id,
    parsed.talk_seconds as talk_seconds,
    parsed.wait_seconds as wait_seconds,
    coalesce(parsed.talk_seconds, 0) > 0 as is_answered
from parsed
left join {{ ref('stg_creatio__names') }} as direction
    on parsed._source = direction._source and direction.stream = 'call_directions' and parsed.direction_id = direction.record_id
