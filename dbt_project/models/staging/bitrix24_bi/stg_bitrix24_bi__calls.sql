{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('bitrix24_bi', 'calls') }}

),

parsed as (

    {{ json_fields('records', {
        'call_id': 'CALL_ID',
        'call_type': ['CALL_TYPE', 'integer'],
        'started_text': 'CALL_START_TIME',
        'phone': 'PHONE_NUMBER',
        'portal_user_id': 'PORTAL_USER_ID',
        'entity_type': 'CRM_ENTITY_TYPE',
        'entity_id': 'CRM_ENTITY_ID',
        'activity': 'CRM_ACTIVITY_ID',
        'talk_seconds': ['CALL_DURATION', 'number'],
        'status_code': 'CALL_STATUS_CODE',
    }) }}

),

activity_records as (

    select *
    from {{ source('bitrix24_bi', 'activities') }}
    where not _deleted

),

activities as (

    {{ json_fields('activity_records', {
        'known_activity_id': 'ID',
        'owner_type_id': 'OWNER_TYPE_ID',
        'owner_id': 'OWNER_ID',
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
    {{ sent_moment('parsed.started_text', 'parsed._source') }} as started_at,
    case when parsed.call_type in (2, 3) then 'in' else 'out' end as direction,
    parsed.phone as phone,
    {{ crm_id('parsed.portal_user_id') }} as manager_id,
    cast(null as {{ text_type() }}) as extension,
    case
        when {{ upper_case('parsed.entity_type') }} in ('COMPANY', 'CONTACT')
            then {{ lower_case('parsed.entity_type') }} || ':' || {{ crm_id('parsed.entity_id') }}
        when activities.owner_type_id = '4' then 'company:' || {{ crm_id('activities.owner_id') }}
        when activities.owner_type_id = '3' then 'contact:' || {{ crm_id('activities.owner_id') }}
    end as customer_id,
    -- statistics never name a deal; the activity that the call left does
    case when activities.owner_type_id = '2' then {{ crm_id('activities.owner_id') }} end as deal_id,
    parsed.talk_seconds as talk_seconds,
    {{ cast_as('null', 'integer') }} as wait_seconds,
    coalesce(parsed.status_code, '200') = '200' and coalesce(parsed.talk_seconds, 0) > 0 as is_answered
from parsed
left join activities on parsed._source = activities._source and parsed.activity = activities.known_activity_id
-- 5 is an automatic announcement
where coalesce(parsed.call_type, 0) <> 5
