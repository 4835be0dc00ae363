{{ config(materialized=inlined()) }}

with

records as (

    select * from {{ source('skvoz', 'calendar') }}

)

{{ json_fields('records', {
    'date': ['date', 'date'],
    'is_workday': ['is_workday', 'boolean'],
    'holiday_name': 'name',
}) }}
