{{ config(materialized=inlined()) }}
-- Names of the small dictionaries, in the language of the user that reads them.
with
{%- set streams = ['close_reasons', 'lead_statuses', 'currencies', 'call_directions', 'order_statuses'] %}
{%- for stream in streams %}

{{ stream }}_records as (

    select *
    from {{ source('creatio', stream) }}
    where not _deleted

),

{{ stream }} as (

    {{ json_fields(stream ~ '_records', {
        'record_id': 'Id', 'record_name': 'Name', 'code': 'Code|ShortName',
        'is_final': ['IsFinal', 'boolean'], 'is_successful': ['Successful', 'boolean'],
    }) }}

){{ ',' if not loop.last }}
{%- endfor %}
{% for stream in streams %}
select
    _source,
    '{{ stream }}' as stream,
    record_id,
    record_name,
    code,
    is_final,
    is_successful
from {{ stream }}
{{ 'union all' if not loop.last }}
{%- endfor %}
