with

portal_currencies as (

    select
        _source,
        max(currency_code) as currency_code
    from {{ ref('stg_bitrix24__currencies') }}
    where not is_deleted and is_base
    group by _source

),

list_entries as (

    {{ explode_json(ref('stg_bitrix24__custom_fields'), 'entries', {
        'entry_id': 'ID|id',
        'entry_text': 'VALUE|value',
    }, ['_source', 'field_name', 'is_deleted']) }}

),

-- a field whose values are chosen from a list holds the number of the entry
loss_reasons as (

    select
        _source,
        entry_id,
        max(entry_text) as entry_text
    from list_entries
    where not is_deleted and field_name in ('{{ bitrix24_field('loss_reason').split('|') | join("', '") }}')
    group by _source, entry_id

),

deals as (

    select
        *,
        {{ bitrix24_pipeline('stage_id', 'category_id') }} as pipeline_id
    from {{ ref('stg_bitrix24__deals') }}
    where not is_deleted
)

select
    {{ crm_key('deals._source', 'deals.deal_id') }} as deal_key,
    deals._source as source,
    deals.deal_id,
    deals.title as deal_name,
    deals.pipeline_id,
    deals.stage_id,
    deals._source || ':' || deals.pipeline_id || ':' || deals.stage_id as stage_key,
    case deals.stage_semantic_id when 'S' then 'won' when 'F' then 'lost' else 'open' end as stage_kind,
    {{ crm_key('deals._source', 'deals.company_id', 'company') }} as company_card_key,
    {{ crm_key('deals._source', 'deals.contact_id', 'contact') }} as contact_card_key,
    {{ crm_key('deals._source', 'deals.assigned_by_id') }} as manager_ref,
    deals.amount,
    {{ upper_case('coalesce(deals.currency_code, portal_currencies.currency_code)') }} as currency_code,
    coalesce(deals.created_at, deals.updated_at, deals._loaded_at) as created_at,
    deals.updated_at,
    coalesce(deals.moved_at, deals.updated_at) as stage_seen_at,
    -- CLOSEDATE is the planned day; the portal keeps no closing moment of its own
    {{ cast_as('null', 'timestamptz') }} as system_closed_at,
    coalesce(loss_reasons.entry_text, deals.loss_reason) as loss_reason,
    deals.utm_source,
    deals.utm_medium,
    deals.utm_campaign,
    {{ bitrix24_source_name('deals.crm_source', 'source_names.status_name') }} as crm_source,
    deals.lead_id,
    deals.order_ref,
    {{ crm_site('sources.url') }} || '/crm/deal/details/' || deals.deal_id || '/' as source_url
from deals
left join loss_reasons on deals._source = loss_reasons._source and deals.loss_reason = loss_reasons.entry_id
left join portal_currencies on deals._source = portal_currencies._source
left join {{ ref('int_bitrix24_source_names') }} as source_names
    on deals._source = source_names._source and deals.crm_source = source_names.status_id
left join {{ ref('int_sources') }} as sources on deals._source = sources.source
