with

first_deals as (

    -- a lead may be made into several deals; the first is its conversion
    select
        source as deal_source,
        lead_id as first_lead_id,
        {{ arg_min('deal_key', 'creation_order') }} as deal_key,
        min(created_at) as deal_created_at
    from (
        select
            source,
            lead_id,
            deal_key,
            created_at,
            row_number() over (partition by source, lead_id order by created_at, {{ id_order('deal_id') }}) as creation_order
        from {{ ref('int_deal_records__bitrix24') }}
        where lead_id is not null
    ) as ranked
    group by source, lead_id

),

statuses as (

    select
        _source as status_source,
        status_id as known_status_id,
        status_name,
        {{ lower_case('semantics') }} as semantics
    from {{ ref('stg_bitrix24__statuses') }}
    where not is_deleted and entity_id = 'STATUS'

),

final_changes as (

    select
        _source as change_source,
        owner_id as changed_lead_id,
        max(created_at) as final_change_at
    from {{ ref('stg_bitrix24__stage_history') }}
    where not is_deleted and entity = 'lead' and (stage_semantic_id in ('S', 'F') or type_id = 3)
    group by _source, owner_id

),

leads as (

    select
        leads.*,
        statuses.status_name,
        first_deals.deal_key,
        first_deals.deal_created_at,
        final_changes.final_change_at,
        case
            when coalesce(leads.status_semantic_id = 'S', statuses.semantics in ('s', 'success'), false) then 'converted'
            when coalesce(leads.status_semantic_id = 'F', statuses.semantics in ('f', 'failure', 'apology'), false) then 'lost'
            when first_deals.deal_key is not null then 'converted'
            else 'open'
        end as lead_status
    from {{ ref('stg_bitrix24__leads') }} as leads
    left join statuses on leads._source = statuses.status_source and leads.status_id = statuses.known_status_id
    left join first_deals on leads._source = first_deals.deal_source and leads.lead_id = first_deals.first_lead_id
    left join final_changes on leads._source = final_changes.change_source and leads.lead_id = final_changes.changed_lead_id
    where not leads.is_deleted
)

select
    {{ crm_key('leads._source', 'leads.lead_id', 'lead') }} as lead_key,
    leads._source as source,
    leads.created_at,
    case
        when leads.lead_status <> 'open'
            then coalesce(leads.closed_at, leads.final_change_at, leads.deal_created_at, leads.moved_at, leads.updated_at)
    end as closed_at,
    leads.lead_status,
    leads.deal_key,
    {{ crm_key('leads._source', 'leads.company_id', 'company') }} as company_card_key,
    {{ crm_key('leads._source', 'leads.contact_id', 'contact') }} as contact_card_key,
    {{ crm_key('leads._source', 'leads.assigned_by_id') }} as manager_ref,
    leads.utm_source,
    leads.utm_medium,
    leads.utm_campaign,
    {{ bitrix24_source_name('leads.crm_source', 'source_names.status_name') }} as crm_source,
    -- without a text of its own the failed status is the reason
    case when leads.lead_status = 'lost' then coalesce(leads.status_description, leads.status_name) end as loss_reason
from leads
left join {{ ref('int_bitrix24_source_names') }} as source_names
    on leads._source = source_names._source and leads.crm_source = source_names.status_id
