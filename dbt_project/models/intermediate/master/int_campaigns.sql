{#- One row per campaign of an advertising system or a spreadsheet; its newest name is its name. -#}
{%- set columns = [
    'campaign_key', 'source', 'advertising_system', 'campaign_id', 'campaign_name', 'utm_source', 'utm_medium', 'cost_date',
] -%}
with

reported as (

    select
        campaign_key,
        min(source) as source,
        min(advertising_system) as advertising_system,
        min(campaign_id) as campaign_id,
        {{ arg_max('campaign_name', 'cost_date') }} as campaign_name,
        min(utm_source) as utm_source,
        min(utm_medium) as utm_medium
    from (
        {{ union_of('int_campaign_cost_records', columns) }}
    ) as costs
    group by campaign_key

),

reported_origins as (

    select
        campaign_key as origin_id,
        utm_source,
        utm_medium,
        cast(null as {{ text_type() }}) as crm_source
    from reported

),

{{ match_channels('reported', 'reported_origins') }},

{#- what a mapped system tells of a campaign beside its costs -#}
{%- if 'feed' in var('systems_of')['int_campaign_cost_records'] %}
told as (

    select
        {{ crm_key('_source', 'campaign_id') }} as told_key,
        max(utm_campaign) as told_mark,
        max(case
            when {{ lower_case('trim(channel)') }} in (select known.channel from {{ ref('channels') }} as known)
                then {{ lower_case('trim(channel)') }}
        end) as told_channel
    from {{ ref('stg_feed__campaign_costs') }}
    where not is_deleted and cost_date is not null and campaign_id is not null
    group by {{ crm_key('_source', 'campaign_id') }}

),
{%- set told_mark, told_channel = 'told.told_mark', 'told.told_channel' %}
{%- else %}
{%- set told_mark, told_channel = 'cast(null as ' ~ text_type() ~ ')', 'null' %}
{%- endif %}

typed as (

    select
        campaign_key,
        min(source) as source,
        min(advertising_system) as advertising_system,
        {{ arg_max('channel', 'cost_date') }} as channel,
        {{ arg_max('utm_source', 'cost_date') }} as utm_source,
        {{ arg_max('utm_medium', 'cost_date') }} as utm_medium,
        {{ arg_max('utm_campaign', 'cost_date') }} as utm_campaign,
        {{ arg_max('coalesce(campaign_name, utm_campaign)', 'cost_date') }} as campaign_name
    from {{ ref('int_spreadsheet_campaigns') }}
    where not is_reported_by_system and utm_campaign is not null
    group by campaign_key

)

select
    reported.campaign_key,
    reported.source,
    reported.advertising_system,
    reported.campaign_id,
    reported.campaign_name,
    coalesce({{ told_channel }}, reported_channels.channel, 'other') as channel,
    reported.utm_source,
    reported.utm_medium,
    {{ told_mark }} as utm_campaign
from reported
left join reported_channels on reported.campaign_key = reported_channels.origin_id
{%- if 'feed' in var('systems_of')['int_campaign_cost_records'] %}
left join told on reported.campaign_key = told.told_key
{%- endif %}

union all

select
    campaign_key,
    source,
    advertising_system,
    cast(null as {{ text_type() }}) as campaign_id,
    campaign_name,
    channel,
    utm_source,
    utm_medium,
    utm_campaign
from typed
