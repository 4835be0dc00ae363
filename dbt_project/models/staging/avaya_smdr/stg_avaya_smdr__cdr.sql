{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('avaya_smdr', 'cdr') }}

)

{{ json_fields('records', {
    'call_id': 'call_id',
    'started_text': 'call_start',
    'talk_text': 'connected_time',
    'ring_seconds': ['ring_time', 'integer'],
    'caller': 'caller',
    'direction': 'direction',
    'called': 'called_number',
    'dialled': 'dialled_number',
    'is_internal': ['is_internal', 'boolean'],
    'party1_device': 'party1_device',
    'party2_device': 'party2_device',
}) }}
