{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('feed', 'campaign_costs') }}

)

{{ json_fields('records', {
    'cost_date': ['cost_date', 'date'],
    'campaign_id': 'campaign_id',
    'campaign_name': 'campaign_name',
    'channel': 'channel',
    'utm_source': 'utm_source',
    'utm_medium': 'utm_medium',
    'utm_campaign': 'utm_campaign',
    'impressions': ['impressions', 'integer'],
    'clicks': ['clicks', 'integer'],
    'cost': ['cost', 'money'],
    'currency_code': 'currency_code',
    'include_vat': ['include_vat', 'boolean'],
}) }}
