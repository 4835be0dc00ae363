{{ config(materialized='incremental') }}

with

records as (

    select * from {{ source('onec', 'sales_register') }}
    {{ new_loads() }}

)

{{ json_fields('records', {
    'entity': '_entity',
    'configuration': '_configuration',
    'recorder_id': ['Recorder|Recorder_Key', 'ref'],
    'recorder_type': 'Recorder_Type',
    'record_set': ['RecordSet', 'json'],
}) }}
