-- What the seeds say of numbers and codes, beside the origins that records carry: one match finds the campaigns of them all.
{{ config(materialized=inlined()) }}
{%- for seed, mark in {'tracking_numbers': 'mark', 'promo_codes': 'promo_code'}.items() %}
select
    'tracking' as source,
    '{{ seed }}:' || {{ mark }} as record_key,
    nullif(trim(utm_source), '') as utm_source,
    nullif(trim(utm_medium), '') as utm_medium,
    nullif(trim(utm_campaign), '') as utm_campaign,
    {{ cast_as('null', 'varchar') }} as crm_source
from {{ ref(seed) }}
{{ 'union all' if not loop.last }}
{%- endfor %}
