-- A returned row names fields of amoCRM that held text which is no value of their type: they are NULL in staging.
{{ config(severity='warn', tags=['nightly']) }}
{%- set models = [
    'account', 'users', 'pipelines', 'loss_reasons', 'custom_fields', 'leads', 'contacts', 'companies', 'unsorted',
    'tasks', 'events', 'call_notes',
] %}
{% for model in models %}
select
    '{{ model }}' as model,
    _uncast_fields as fields,
    count(*) as records,
    min(_source || ':' || _key) as example
from {{ ref('stg_amocrm__' ~ model) }}
where _uncast_fields is not null
group by _uncast_fields
{{ 'union all' if not loop.last }}
{%- endfor %}
