with

records as (

    select * from {{ source('spreadsheet', 'discount_tiers') }}

)

{{ json_fields('records', {
    'tier_name': 'tier_name',
    'min_turnover': ['min_turnover', 'money'],
    'discount': ['discount', 'double'],
}) }}
