{#-
    Advertising costs typed into spreadsheets or into expense files of Metrica, each row with its campaign: one that an advertising system's own interface
    reports, else a campaign of the spreadsheet itself, else (a row without a campaign) its channel.
-#}
with

own_campaigns as (

    select distinct
        campaign_key,
        advertising_system,
        campaign_id,
        campaign_name,
        cast(null as {{ text_type() }}) as utm_campaign
    from (
        {{ union_of('int_campaign_cost_records', ['campaign_key', 'advertising_system', 'campaign_id', 'campaign_name']) }}
    ) as reported

),

rows_of_costs as (

    select
        _source as source,
        _source || ':' || _key as origin_id,
        cost_date,
        utm_source,
        -- «Канал» beside «Источник» is what Russian web analytics call the medium
        coalesce(
            utm_medium,
            case
                when
                    {{ lower_case('trim(channel)') }} in (
                        select known.utm_medium
                        from {{ ref('channels') }} as known
                        where known.utm_medium is not null
                    )
                    and {{ lower_case('trim(channel)') }} not in (select known.channel from {{ ref('channels') }} as known)
                    then {{ lower_case('trim(channel)') }}
            end
        ) as utm_medium,
        coalesce(utm_campaign, campaign_id, campaign_name) as utm_campaign,
        campaign_name,
        -- a channel may be told by the contract's own name, or in words that the seed channels knows as a CRM's source
        {{ lower_case('trim(channel)') }} as crm_source,
        case
            when {{ lower_case('trim(channel)') }} in (select known.channel from {{ ref('channels') }} as known)
                then {{ lower_case('trim(channel)') }}
        end as channel,
        impressions,
        clicks,
        cost,
        currency_code,
        include_vat
    from {{ ref('stg_spreadsheet__campaign_costs') }}
    where not is_deleted and cost_date is not null

    union all

    select
        _source as source,
        _source || ':' || _key as origin_id,
        cost_date,
        utm_source,
        utm_medium,
        utm_campaign,
        cast(null as {{ text_type() }}) as campaign_name,
        cast(null as {{ text_type() }}) as crm_source,
        cast(null as {{ text_type() }}) as channel,
        impressions,
        clicks,
        cost,
        currency_code,
        -- Metrica takes expenses without VAT (feeds.md 3.4)
        false as include_vat
    from {{ ref('stg_metrika__campaign_costs') }}
    where not is_deleted and cost_date is not null

),

{{ match_campaigns('found', 'rows_of_costs', 'own_campaigns') }},

{{ match_channels('found', 'rows_of_costs') }}

select
    costs.origin_id as origin_id,
    costs.source,
    costs.cost_date,
    costs.utm_source as utm_source,
    costs.utm_medium,
    costs.utm_campaign,
    costs.campaign_name,
    coalesce(costs.channel, channels.channel, 'other') as channel,
    costs.impressions,
    costs.clicks,
    costs.cost,
    costs.currency_code,
    costs.include_vat,
    coalesce(systems.advertising_system, {{ look_alike_folded('costs.utm_source') }}) as advertising_system,
    campaigns.campaign_key is not null as is_reported_by_system,
    coalesce(
        campaigns.campaign_key,
        case
            when costs.utm_campaign is not null
                then
                    costs.source || ':'
                    || coalesce({{ look_alike_folded('costs.utm_source') }} || '/', '')
                    || coalesce({{ look_alike_folded('costs.utm_medium') }} || '/', '')
                    || {{ look_alike_folded('costs.utm_campaign') }}
        end,
        'channel:' || coalesce(costs.channel, channels.channel, 'other')
    ) as campaign_key
from rows_of_costs as costs
left join found_campaigns as campaigns on costs.origin_id = campaigns.origin_id
left join found_channels as channels on costs.origin_id = channels.origin_id
left join {{ ref('utm_sources') }} as systems
    on {{ look_alike_folded('costs.utm_source') }} = {{ look_alike_folded('systems.utm_source') }}
