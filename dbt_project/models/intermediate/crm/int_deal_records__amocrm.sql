with

linked_contacts as (

    {{ explode_json(ref('stg_amocrm__leads'), 'contacts', {
        'contact_id': 'id',
        'is_main': ['is_main', 'boolean'],
    }, ['_source', 'lead_id']) }}

),

main_contacts as (

    select
        _source,
        lead_id,
        contact_id
    from (
        select
            *,
            row_number() over (
                partition by _source, lead_id
                order by case when is_main then 0 else 1 end, item_number
            ) as choice
        from linked_contacts
    ) as ranked
    where choice = 1

),

accounts as (

    select
        _source,
        max(currency_code) as currency_code
    from {{ ref('stg_amocrm__account') }}
    where not is_deleted
    group by _source
)

select
    {{ crm_key('leads._source', 'leads.lead_id') }} as deal_key,
    leads._source as source,
    leads.lead_id as deal_id,
    leads.lead_name as deal_name,
    leads.pipeline_id,
    leads.status_id as stage_id,
    leads._source || ':' || leads.pipeline_id || ':' || leads.status_id as stage_key,
    case leads.status_id when '142' then 'won' when '143' then 'lost' else 'open' end as stage_kind,
    {{ crm_key('leads._source', 'leads.company_id', 'company') }} as company_card_key,
    {{ crm_key('leads._source', 'main_contacts.contact_id', 'contact') }} as contact_card_key,
    {{ crm_key('leads._source', 'leads.responsible_user_id') }} as manager_ref,
    leads.price as amount,
    -- a working currency belongs to the whole account
    {{ upper_case('accounts.currency_code') }} as currency_code,
    coalesce(leads.created_at, leads.updated_at, leads._loaded_at) as created_at,
    leads.updated_at,
    -- when a stage that no event explains was seen, or left
    coalesce(leads.closed_at, leads.updated_at) as stage_seen_at,
    case when leads.status_id in ('142', '143') then leads.closed_at end as system_closed_at,
    case when leads.status_id = '143' then coalesce(leads.loss_reason_name, loss_reasons.loss_reason_name) end as loss_reason,
    lead_fields.utm_source,
    lead_fields.utm_medium,
    lead_fields.utm_campaign,
    lead_fields.crm_source,
    cast(null as {{ text_type() }}) as lead_id,
    lead_fields.order_ref,
    {{ crm_site('sources.url') }} || '/leads/detail/' || leads.lead_id as source_url
from {{ ref('stg_amocrm__leads') }} as leads
left join main_contacts on leads._source = main_contacts._source and leads.lead_id = main_contacts.lead_id
left join accounts on leads._source = accounts._source
left join {{ ref('stg_amocrm__loss_reasons') }} as loss_reasons
    on leads._source = loss_reasons._source and leads.loss_reason_id = loss_reasons.loss_reason_id
left join {{ ref('int_amocrm_lead_fields') }} as lead_fields
    on leads._source = lead_fields._source and leads.lead_id = lead_fields.lead_id
left join {{ ref('int_sources') }} as sources on leads._source = sources.source
where not leads.is_deleted
