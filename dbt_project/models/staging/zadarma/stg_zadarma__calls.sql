{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('zadarma', 'calls') }}

)

{{ json_fields('records', {
    'call_id': 'call_id',
    'pbx_call_id': 'pbx_call_id',
    'started_at': ['_started_at', 'instant'],
    'sip': 'sip',
    'caller': 'clid',
    'destination': 'destination',
    'disposition': 'disposition',
    'talk_seconds': ['seconds', 'integer'],
}) }}
