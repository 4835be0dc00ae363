{%- set channels = ['paid_search', 'paid_social', 'organic', 'social', 'referral', 'email', 'direct', 'offline', 'other'] -%}

select
    campaign_key,
    channel,
    utm_source,
    utm_medium,
    utm_campaign,
    campaign_name
from {{ ref('int_campaigns') }}
{%- for channel in channels %}

union all

select
    'channel:{{ channel }}' as campaign_key,
    '{{ channel }}' as channel,
    {{ cast_as('null', 'varchar') }} as utm_source,
    {{ cast_as('null', 'varchar') }} as utm_medium,
    {{ cast_as('null', 'varchar') }} as utm_campaign,
    {{ cast_as('null', 'varchar') }} as campaign_name
{%- endfor %}
