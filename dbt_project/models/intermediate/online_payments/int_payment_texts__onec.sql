{{ config(materialized=inlined()) }}
-- What the money documents of 1C say in words: a service's id may stand there.
{%- for kind in ['bank_receipt', 'bank_payment', 'card_operation', 'cash_receipt', 'cash_payment'] %}
select
    _source || ':' || _key as document_key,
    purpose as payment_text
from {{ ref('stg_onec__' ~ kind ~ 's') }}
where not is_deleted and purpose is not null
{{ 'union all' if not loop.last }}
{%- endfor %}
