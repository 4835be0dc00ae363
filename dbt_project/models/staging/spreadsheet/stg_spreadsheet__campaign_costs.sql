with

records as (

    select * from {{ source('spreadsheet', 'campaign_costs') }}

)

{{ json_fields('records', {
    'cost_date': ['cost_date', 'date'],
    'utm_source': 'utm_source',
    'utm_medium': 'utm_medium',
    'utm_campaign': 'utm_campaign',
    'campaign_id': 'campaign_id',
    'campaign_name': 'campaign_name',
    'channel': 'channel',
    'impressions': ['impressions', 'integer'],
    'clicks': ['clicks', 'integer'],
    'cost': ['cost', 'money'],
    'currency_code': 'currency_code',
    'include_vat': ['include_vat', 'boolean'],
}) }}
