{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('cisco_cdr', 'cdr') }}

)

{{ json_fields('records', {
    'manager_id': 'globalCallID_callManagerId',
    'call_id': 'globalCallID_callId',
    'cluster_id': 'globalCallId_ClusterID|globalCallID_ClusterID',
    'started_at': ['dateTimeOrigination', 'epoch'],
    'origination_seconds': ['dateTimeOrigination', 'integer'],
    'connect_seconds': ['dateTimeConnect', 'integer'],
    'disconnect_seconds': ['dateTimeDisconnect', 'integer'],
    'caller': 'callingPartyNumber',
    'first_called': 'originalCalledPartyNumber',
    'called': 'finalCalledPartyNumber',
    'talk_seconds': ['duration', 'integer'],
}) }}
