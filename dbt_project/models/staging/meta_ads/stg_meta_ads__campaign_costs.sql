{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('meta_ads', 'campaign_costs') }}

)

{{ json_fields('records', {
    'cost_date': ['date_start', 'date'],
    'campaign_id': 'campaign_id',
    'campaign_name': 'campaign_name',
    'impressions': ['impressions', 'integer'],
    'clicks': ['clicks', 'integer'],
    'cost': ['spend', 'number'],
    'currency_code': 'account_currency',
}) }}
