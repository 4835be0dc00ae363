{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('metrika', 'campaign_costs') }}

)

{{ json_fields('records', {
    'cost_date': ['cost_date', 'date'],
    'utm_source': 'utm_source',
    'utm_medium': 'utm_medium',
    'utm_campaign': 'utm_campaign',
    'impressions': ['impressions', 'integer'],
    'clicks': ['clicks', 'integer'],
    'cost': ['cost', 'number'],
    'currency_code': 'currency_code',
}) }}
