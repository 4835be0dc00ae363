{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('spreadsheet', 'exchange_rates') }}

)

{{ json_fields('records', {
    'rate_date': ['rate_date', 'date'],
    'currency_code': 'currency_code',
    'rate': ['rate_to_base', 'rate'],
    'units': ['units', 'rate'],
}) }}
