{{ config(materialized='incremental') }}

with records as (
    select *
    from {{ source('bitrix24', 'leads') }}
    {{ new_loads() }}
),

parsed as (
    {{ json_fields('records', {
        'lead_id': 'id|ID',
        'title': 'title|TITLE',
        'status_id': 'stageId|statusId|STATUS_ID',
        'status_semantic_id': 'stageSemanticId|statusSemanticId|STATUS_SEMANTIC_ID',
        'status_description': 'statusDescription|STATUS_DESCRIPTION',
        'company_id': 'companyId|COMPANY_ID',
        'contact_id': 'contactId|CONTACT_ID',
        'first_contact_id': 'contactIds[0]|CONTACT_IDS[0]',
        'assigned_by_id': 'assignedById|ASSIGNED_BY_ID',
        'crm_source': 'sourceId|SOURCE_ID',
        'utm_source': 'utmSource|UTM_SOURCE',
        'utm_medium': 'utmMedium|UTM_MEDIUM',
        'utm_campaign': 'utmCampaign|UTM_CAMPAIGN',
        'created_at': ['createdTime|DATE_CREATE', 'instant'],
        'updated_at': ['updatedTime|DATE_MODIFY', 'instant'],
        'moved_at': ['movedTime|MOVED_TIME', 'instant'],
        'closed_at': ['dateClosed|DATE_CLOSED', 'instant'],
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
    title,
    status_id,
    {{ upper_case('status_semantic_id') }} as status_semantic_id,
    status_description,
    {{ crm_id('company_id') }} as company_id,
    {{ crm_id('coalesce(' ~ crm_id('contact_id') ~ ', first_contact_id)') }} as contact_id,
    {{ crm_id('assigned_by_id') }} as assigned_by_id,
    crm_source,
    utm_source,
    utm_medium,
    utm_campaign,
    created_at,
    updated_at,
    moved_at,
    closed_at,
    _uncast_fields
from parsed
