-- A returned row names fields of Bitrix24 that held text which is no value of their type: they are NULL in staging.
{{ config(severity='warn', tags=['nightly']) }}
{%- set models = [
    'categories', 'statuses', 'users', 'currencies', 'deals', 'leads', 'contacts', 'companies', 'product_rows',
    'stage_history', 'activities', 'calls', 'invoices', 'custom_fields',
] %}
{% for model in models %}
select
    '{{ model }}' as model,
    _uncast_fields as fields,
    count(*) as records,
    min(_source || ':' || _key) as example
from {{ ref('stg_bitrix24__' ~ model) }}
where _uncast_fields is not null
group by _uncast_fields
{{ 'union all' if not loop.last }}
{%- endfor %}
