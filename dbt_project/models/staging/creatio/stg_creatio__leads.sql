{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('creatio', 'leads') }}

),

parsed as (

    {{ json_fields('records', {
        'lead_id': 'Id',
        'status_id': ['QualifyStatusId', 'ref'],
        'account_id': ['QualifiedAccountId', 'ref'],
        'contact': ['QualifiedContactId', 'ref'],
        'owner_id': ['OwnerId', 'ref'],
        'opportunity_id': ['OpportunityId', 'ref'],
        'created_at': ['CreatedOn', 'instant'],
        'updated_at': ['ModifiedOn', 'instant'],
        'utm_source': 'UtmSourceStr',
        'utm_medium': 'UtmMediumStr',
        'utm_campaign': 'UtmCampaignStr|UTMCampaign',
        'final_at': ['MovedToFinalStateOn', 'instant'],
    }) }}
)

select
    parsed._source as _source,
    parsed._key as _key,
    parsed._modified_at as _modified_at,
    parsed._loaded_at as _loaded_at,
    parsed._load_id as _load_id,
    parsed.is_deleted as is_deleted,
    parsed.lead_id as lead_id,
    case
        when parsed.opportunity_id is not null then 'converted'
        when status.is_final and status.is_successful then 'converted'
        when status.is_final then 'lost'
        else 'open'
    end as lead_status,
    parsed.account_id as customer_id,
    parsed.contact as contact_id,
    parsed.owner_id as manager_id,
    parsed.opportunity_id as deal_id,
    parsed.created_at as created_at,
    coalesce(parsed.final_at, parsed.updated_at) as closed_at,
    parsed.utm_source as utm_source,
    parsed.utm_medium as utm_medium,
    parsed.utm_campaign as utm_campaign,
    cast(null as {{ text_type() }}) as crm_source,
    status.record_name as loss_reason
from parsed
left join {{ ref('stg_creatio__names') }} as status
    on parsed._source = status._source and status.stream = 'lead_statuses' and parsed.status_id = status.record_id
