with

fields as (

    {{ json_fields(source('yandex_direct', 'campaign_costs'), {
        'cost_date': ['Date', 'date'],
        'campaign_id': 'CampaignId',
        'campaign_name': 'CampaignName',
        'impressions_text': 'Impressions',
        'clicks_text': 'Clicks',
        'cost_text': 'Cost',
        'currency_code': '_currency',
        'include_vat': ['_include_vat', 'boolean'],
    }) }}

)

select
    _source,
    _key,
    _modified_at,
    _loaded_at,
    _load_id,
    is_deleted,
    cost_date,
    campaign_id,
    campaign_name,
    -- the report writes -- where it has no figure
    {{ text_as("nullif(impressions_text, '--')", 'integer') }} as impressions,
    {{ text_as("nullif(clicks_text, '--')", 'integer') }} as clicks,
    {{ text_as("nullif(cost_text, '--')", 'money') }} as cost,
    currency_code,
    include_vat,
    _uncast_fields
from fields
