{{ config(materialized='incremental', on_schema_change='sync_all_columns') }}

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
}, many=true) }}
