{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('asterisk', 'cdr') }}

)

{{ json_fields('records', {
    'uniqueid': 'uniqueid',
    'linkedid': 'linkedid',
    'src': 'src',
    'dst': 'dst',
    'dcontext': 'dcontext',
    'channel': 'channel',
    'dstchannel': 'dstchannel',
    'lastapp': 'lastapp',
    'started_wall': ['start|calldate', 'timestamp'],
    'started_utc': ['start|calldate', 'instant'],
    'duration_seconds': ['duration', 'integer'],
    'billed_seconds': ['billsec', 'integer'],
    'disposition': 'disposition',
    'did': 'did',
}) }}
