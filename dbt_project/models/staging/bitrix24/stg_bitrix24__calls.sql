{{ config(materialized='incremental', on_schema_change='append_new_columns') }}

with records as (
    select *
    from {{ source('bitrix24', 'calls') }}
    {{ new_loads() }}
),

parsed as (
    {{ json_fields('records', {
        'call_id': ['ID', 'code'],
        'call_uniq': ['CALL_ID|callId', 'code'],
        'call_type': ['CALL_TYPE|callType', 'integer'],
        'call_category': ['CALL_CATEGORY|callCategory', 'code'],
        'failed_code': ['CALL_FAILED_CODE|callFailedCode', 'code'],
        'portal_user_id': ['PORTAL_USER_ID|portalUserId', 'code'],
        'phone': 'PHONE_NUMBER|phoneNumber',
        'portal_number': 'PORTAL_NUMBER|portalNumber',
        'entity_type': ['CRM_ENTITY_TYPE|crmEntityType', 'code'],
        'entity_id': ['CRM_ENTITY_ID|crmEntityId', 'code'],
        'activity_id': ['CRM_ACTIVITY_ID|crmActivityId', 'code'],
        'duration_seconds': ['CALL_DURATION|callDuration', 'integer'],
        'started_at': ['CALL_START_DATE|callStartDate', 'instant'],
    }, many=true) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    call_id,
    call_uniq,
    call_type,
    {{ lower_case('call_category') }} as call_category,
    failed_code,
    {{ crm_id('portal_user_id') }} as portal_user_id,
    phone,
    portal_number,
    {{ upper_case('entity_type') }} as entity_type,
    {{ crm_id('entity_id') }} as entity_id,
    {{ crm_id('activity_id') }} as activity_id,
    duration_seconds,
    started_at,
    _uncast_fields
from parsed
