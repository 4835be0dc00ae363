{% set columns = [
    'lead_key', 'source', 'created_at', 'closed_at', 'lead_status', 'deal_key', 'company_card_key', 'contact_card_key', 'manager_ref',
    'utm_source', 'utm_medium', 'utm_campaign', 'crm_source', 'loss_reason',
] -%}

with

leads as (

    {{ union_of('int_leads', columns) }}

),

deals as (

    select
        deals.*,
        stages.is_unsorted
    from {{ ref('int_deals') }} as deals
    left join {{ ref('int_stages') }} as stages on deals.stage_key = stages.stage_key

),

preceded_deals as (

    -- every deal made from a lead, not only the first one
    select deal_key
    from leads
    where deal_key is not null

    union

    select deals.deal_key
    from deals
    inner join leads on deals.source || ':lead:' || deals.lead_id = leads.lead_key

)

select
    leads.lead_key,
    leads.source as source,
    leads.created_at as created_at,
    leads.closed_at as closed_at,
    leads.lead_status,
    deals.deal_key as deal_key,
    case
        when company_links.card_key is not null then company_links.customer_key
        when contact_links.card_key is not null then contact_links.customer_key
        else deals.customer_key
    end as customer_key,
    coalesce(managers.manager_key, deals.manager_key) as manager_key,
    campaigns.campaign_key as campaign_key,
    campaigns.channel as channel,
    leads.loss_reason as loss_reason
from leads
left join deals on leads.deal_key = deals.deal_key
left join {{ ref('int_customer_links') }} as company_links on leads.company_card_key = company_links.card_key
left join {{ ref('int_customer_links') }} as contact_links on leads.contact_card_key = contact_links.card_key
left join {{ ref('int_manager_links') }} as managers on leads.manager_ref = managers.manager_ref
left join {{ ref('int_campaign_matches') }} as campaigns
    on
        leads.source = campaigns.source
        and {{ same_value('leads.utm_source', 'campaigns.utm_source') }}
        and {{ same_value('leads.utm_medium', 'campaigns.utm_medium') }}
        and {{ same_value('leads.utm_campaign', 'campaigns.utm_campaign') }}
        and {{ same_value('leads.crm_source', 'campaigns.crm_source') }}

union all

-- a deal that no lead precedes is a lead of its own; it was converted the moment it was made
select
    deals.deal_key as lead_key,
    deals.source,
    deals.created_at,
    case when not coalesce(deals.is_unsorted, false) then deals.created_at end as closed_at,
    case when coalesce(deals.is_unsorted, false) then 'open' else 'converted' end as lead_status,
    deals.deal_key as deal_key,
    deals.customer_key,
    deals.manager_key,
    deals.campaign_key,
    deals.channel,
    cast(null as {{ text_type() }}) as loss_reason
from deals
where deals.deal_key not in (select deal_key from preceded_deals)
