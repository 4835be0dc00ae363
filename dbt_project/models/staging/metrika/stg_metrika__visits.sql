{{ config(materialized=inlined()) }}
with

records as (

    select * from {{ source('metrika', 'visits') }}

)

{{ json_fields('records', {
    'visit_id': '"ym:s:visitID"',
    'visited_wall': ['"ym:s:dateTime"', 'timestamp'],
    'client_id': '"ym:s:clientID"',
    'utm_source': '"ym:s:lastsignUTMSource"|"ym:s:UTMSource"',
    'utm_medium': '"ym:s:lastsignUTMMedium"|"ym:s:UTMMedium"',
    'utm_campaign': '"ym:s:lastsignUTMCampaign"|"ym:s:UTMCampaign"',
    'start_url': '"ym:s:startURL"',
}) }}
