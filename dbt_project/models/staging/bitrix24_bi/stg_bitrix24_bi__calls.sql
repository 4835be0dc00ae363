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
        'talk_seconds': ['CALL_DURATION', 'number'],
        'status_code': 'CALL_STATUS_CODE',
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    call_id,
    cast(null as {{ text_type() }}) as call_group,
    {{ sent_moment('started_text') }} as started_at,
    case when call_type in (2, 3) then 'in' else 'out' end as direction,
    phone,
    {{ crm_id('portal_user_id') }} as manager_id,
    cast(null as {{ text_type() }}) as extension,
    case
        when {{ upper_case('entity_type') }} in ('COMPANY', 'CONTACT')
            then {{ lower_case('entity_type') }} || ':' || {{ crm_id('entity_id') }}
    end as customer_id,
    cast(null as {{ text_type() }}) as deal_id,
    talk_seconds,
    {{ cast_as('null', 'integer') }} as wait_seconds,
    coalesce(status_code, '200') = '200' and coalesce(talk_seconds, 0) > 0 as is_answered
from parsed
-- 5 is an automatic announcement
where coalesce(call_type, 0) <> 5
