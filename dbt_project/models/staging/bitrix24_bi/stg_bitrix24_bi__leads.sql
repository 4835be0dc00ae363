{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('bitrix24_bi', 'leads') }}

),

parsed as (

    {{ json_fields('records', {
        'lead_id': 'ID',
        'semantic': 'STATUS_SEMANTIC_ID',
        'company_id': 'COMPANY_ID',
        'contact': 'CONTACT_ID',
        'assigned_by_id': 'ASSIGNED_BY_ID',
        'created_text': 'DATE_CREATE',
        'closed_text': 'DATE_CLOSED',
        'utm_source': 'UTM_SOURCE',
        'utm_medium': 'UTM_MEDIUM',
        'utm_campaign': 'UTM_CAMPAIGN',
        'source_id': 'SOURCE_ID',
        'source_name': 'SOURCE_NAME',
        'status_name': 'STATUS_NAME',
        'status_description': 'STATUS_DESCRIPTION',
    }) }}
)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    lead_id,
    case {{ upper_case('semantic') }} when 'S' then 'converted' when 'F' then 'lost' else 'open' end as lead_status,
    'company:' || {{ crm_id('company_id') }} as customer_id,
    {{ crm_id('contact') }} as contact_id,
    {{ crm_id('assigned_by_id') }} as manager_id,
    cast(null as {{ text_type() }}) as deal_id,
    {{ sent_moment('created_text') }} as created_at,
    {{ sent_moment('closed_text') }} as closed_at,
    utm_source,
    utm_medium,
    utm_campaign,
    {{ bitrix24_source_name('source_id', 'source_name') }} as crm_source,
    coalesce(status_description, status_name) as loss_reason
from parsed
