with

records as (

    select *
    from {{ ref('int_deal_records') }}

),

current_entries as (

    select
        deal_key,
        stage_key,
        status_since,
        status_origin
    from {{ ref('int_deal_stage_entries') }}
    where is_current

),

statuses as (

    select
        records.deal_key as deal_key,
        stages.pipeline_name,
        stages.stage_name,
        coalesce(stages.stage_kind, records.stage_kind) as deal_status,
        case
            when coalesce(stages.stage_kind, records.stage_kind) = 'open' then null
            when records.system_closed_at is not null then records.system_closed_at
            -- the system keeps no closing moment: that of the won or lost stage, by history where there is one
            when current_entries.status_origin = 'created' then greatest(records.stage_seen_at, records.created_at)
            else current_entries.status_since
        end as closed_at
    from records
    left join {{ ref('int_stages') }} as stages on records.stage_key = stages.stage_key
    left join current_entries on records.deal_key = current_entries.deal_key

),

responsible_changes as (

    select
        _source || ':' || entity_id as deal_key,
        created_at as changed_at,
        _source || ':' || responsible_before as manager_ref_before,
        _source || ':' || responsible_after as manager_ref_after,
        event_id
    from {{ ref('stg_amocrm__events') }}
    where
        not is_deleted
        and event_type = 'entity_responsible_changed'
        and entity_type in ('lead', 'leads')
        and entity_id is not null

),

ranked_changes as (

    select
        changes.deal_key,
        changes.manager_ref_before,
        changes.manager_ref_after,
        changes.changed_at <= statuses.closed_at as is_before_closing,
        row_number() over (
            partition by changes.deal_key, changes.changed_at <= statuses.closed_at
            order by changes.changed_at, changes.event_id
        ) as number_from_first,
        row_number() over (
            partition by changes.deal_key, changes.changed_at <= statuses.closed_at
            order by changes.changed_at desc, changes.event_id desc
        ) as number_from_last
    from responsible_changes as changes
    inner join statuses on changes.deal_key = statuses.deal_key
    where statuses.closed_at is not null

),

closing_managers as (

    -- whom the last change up to the closing gave the deal to, else whom the first later one took it from
    select
        deal_key,
        coalesce(
            max(case when is_before_closing and number_from_last = 1 then manager_ref_after end),
            max(case when not is_before_closing and number_from_first = 1 then manager_ref_before end)
        ) as manager_ref
    from ranked_changes
    group by deal_key
)

select
    records.deal_key as deal_key,
    records.source as source,
    records.deal_id,
    records.deal_name,
    records.pipeline_id,
    coalesce(statuses.pipeline_name, records.pipeline_id) as pipeline_name,
    records.stage_key,
    coalesce(statuses.stage_name, records.stage_id) as stage_name,
    statuses.deal_status,
    case when company_links.card_key is not null then company_links.customer_key else contact_links.customer_key end as customer_key,
    managers.manager_key as manager_key,
    -- whom the history names and nobody lists any more is unknown, not the one who has the deal now
    case
        when closing_managers.manager_ref is not null then managers_at_close.manager_key
        else managers.manager_key
    end as manager_at_close_key,
    campaigns.campaign_key,
    campaigns.channel,
    records.amount,
    records.currency_code as currency_code,
    {{ money_in_base('records.amount', 'rates.rate_to_base') }} as amount_base,
    records.created_at,
    records.updated_at,
    statuses.closed_at,
    case when statuses.deal_status = 'lost' then records.loss_reason end as loss_reason,
    records.source_url as source_url,
    records.lead_id,
    records.order_ref,
    {{ business_date('records.created_at') }} as created_date,
    {{ business_date('statuses.closed_at') }} as closed_date
from records
inner join statuses on records.deal_key = statuses.deal_key
left join closing_managers on records.deal_key = closing_managers.deal_key
left join {{ ref('int_customer_links') }} as company_links on records.company_card_key = company_links.card_key
left join {{ ref('int_customer_links') }} as contact_links on records.contact_card_key = contact_links.card_key
left join {{ ref('int_manager_links') }} as managers on records.manager_ref = managers.manager_ref
left join {{ ref('int_manager_links') }} as managers_at_close
    on closing_managers.manager_ref = managers_at_close.manager_ref
left join {{ ref('int_exchange_rate_ranges') }} as rates
    on
        records.currency_code = rates.currency_code
        and {{ business_date('records.created_at') }} >= rates.valid_from
        and {{ business_date('records.created_at') }} < rates.valid_to
left join {{ ref('int_campaign_matches') }} as campaigns
    on
        records.source = campaigns.source
        and {{ same_value('records.utm_source', 'campaigns.utm_source') }}
        and {{ same_value('records.utm_medium', 'campaigns.utm_medium') }}
        and {{ same_value('records.utm_campaign', 'campaigns.utm_campaign') }}
        and {{ same_value('records.crm_source', 'campaigns.crm_source') }}
