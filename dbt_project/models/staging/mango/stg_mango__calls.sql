{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('mango', 'calls') }}

)

{{ json_fields('records', {
    'entry_id': 'entry_id',
    'started_at': ['start', 'epoch'],
    'start_seconds': ['start', 'integer'],
    'answer_seconds': ['answer', 'integer'],
    'finish_seconds': ['finish', 'integer'],
    'from_extension': 'from_extension',
    'from_number': 'from_number',
    'to_extension': 'to_extension',
    'to_number': 'to_number',
    'disconnect_reason': 'disconnect_reason',
    'line_number': 'line_number',
    'location': 'location',
}) }}
