{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('vk_ads', 'campaign_costs') }}

)

{{ json_fields('records', {
    'cost_date': ['date', 'date'],
    'campaign_id': 'id',
    'campaign_name': 'name',
    'impressions': ['base.shows', 'integer'],
    'clicks': ['base.clicks', 'integer'],
    'cost': ['base.spent', 'number'],
}) }}
