{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('google_ads', 'campaign_costs') }}

)

{{ json_fields('records', {
    'cost_date': ['cost_date', 'date'],
    'campaign_id': 'campaign_id',
    'campaign_name': 'campaign_name',
    'impressions': ['impressions', 'integer'],
    'clicks': ['clicks', 'integer'],
    'cost': ['cost', 'number'],
    'currency_code': 'currency_code',
}) }}
