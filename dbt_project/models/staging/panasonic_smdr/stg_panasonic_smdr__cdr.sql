{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('panasonic_smdr', 'cdr') }}

)

{{ json_fields('records', {
    'started_wall': ['_started_at', 'timestamp'],
    'extension': 'ext',
    'line_code': 'co',
    'number_text': 'number',
    'ring_text': 'ring',
    'duration_text': 'duration',
    'condition_code': 'code',
}) }}
