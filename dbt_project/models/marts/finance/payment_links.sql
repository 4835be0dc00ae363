-- depends_on: {{ ref('fct_payments') }} (the graph is the same with and without such sources)
{%- if has_service_payments() %}
select
    payment_key,
    counted_payment_key,
    rule
from {{ ref('int_service_payment_links') }}
{%- else %}
-- no source of this company sees payments beside the books
select
    payment_key,
    payment_key as counted_payment_key,
    {{ cast_as('null', 'varchar') }} as rule
from {{ ref('fct_payments') }}
where payment_method = 'online'
{%- endif %}

union all

select
    payment_key,
    counted_payment_key,
    rule
from {{ ref('int_payment_twins') }}
