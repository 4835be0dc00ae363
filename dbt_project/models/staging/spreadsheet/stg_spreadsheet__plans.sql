{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('spreadsheet', 'plans') }}

)

{{ json_fields('records', {
    'month': ['month', 'date'],
    'metric': 'metric',
    'scope_kind': 'scope_kind',
    'scope_key': 'scope_key',
    'value': ['value', 'money'],
}) }}
