{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('uis', 'calls') }}

)

{{ json_fields('records', {
    'session_id': 'id',
    'started_wall': ['start_time', 'timestamp'],
    'direction': 'direction',
    'is_lost': ['is_lost', 'boolean'],
    'wait_seconds': ['wait_duration', 'integer'],
    'talk_seconds': ['clean_talk_duration', 'integer'],
    'client_number': 'contact_phone_number',
    'own_number': 'virtual_phone_number',
    'employee_id': 'last_talked_employee_id|last_answered_employee_id|_last_rung_id',
    'employee_name': 'last_talked_employee_full_name|last_answered_employee_full_name|_last_rung_name',
}) }}
