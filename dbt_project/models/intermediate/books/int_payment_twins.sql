{#-
    Payments of feeds and CRMs that a document of 1C is the same money as: 1C counts it. Each source meets each document once at most.
    order_amount: the number that the payment names as its order is of one order of 1C only, with a payment of the amount within var
    payment_match_days; amount_window: the same customer and amount within these days, and no other order named. What settles an order of
    its own system, or stands beside sales of its own, stays there: marts.reconciliation names it (check counted_twice).
-#}
{{ config(materialized='table' if has_payment_twins() else 'ephemeral') }}
{%- set days = var('payment_match_days') %}
-- the graph is the same without twins
-- depends_on: {{ ref('int_onec_payments') }}, {{ ref('int_orders') }}, {{ ref('stg_feed__sales') }}
{%- for system in var('systems_of')['int_told_payments'] %}
-- depends_on: {{ ref('int_told_payments__' ~ system) }}
{%- endfor %}
{%- if has_payment_twins() %}
with

selling_sources as (

    select distinct _source as selling_source
    from {{ ref('stg_feed__sales') }}
    where not is_deleted

),

order_numbers as (

    select
        {{ order_number_folded('order_number') }} as folded_number,
        min(order_key) as numbered_order_key
    from {{ ref('int_orders') }}
    where order_number is not null and is_order
    group by {{ order_number_folded('order_number') }}
    having count(*) = 1

),

told as (

    select
        payments.payment_key as payment_key,
        payments.source as source,
        payments.payment_date as payment_date,
        payments.customer_key as customer_key,
        payments.direction as direction,
        payments.amount as amount,
        payments.currency_code as currency_code,
        order_numbers.numbered_order_key as order_key
    from (
        {{ union_of('int_told_payments', [
            'payment_key', 'source', 'payment_date', 'customer_key', 'order_key', 'order_ref', 'direction', 'amount', 'currency_code',
        ]) }}
    ) as payments
    left join order_numbers on {{ order_number_folded('payments.order_ref') }} = order_numbers.folded_number
    where payments.order_key is null and payments.source not in (select selling_sources.selling_source from selling_sources)

),

documents as (

    {{ documents_as_payments(ref('int_onec_payments')) }}

),

candidates as (

    select
        told.payment_key as left_key,
        told.source || '|' || documents.payment_key as right_key,
        case when told.order_key = documents.order_key then 0.0 else 1000.0 end
        + abs({{ days_between('told.payment_date', 'documents.payment_date') }}) as distance
    from told
    inner join documents
        on
            told.direction = documents.direction
            and told.currency_code = documents.currency_code
            and told.amount = documents.amount
    where
        abs({{ days_between('told.payment_date', 'documents.payment_date') }}) <= {{ days }}
        and (
            told.order_key = documents.order_key
            or (
                told.customer_key = documents.customer_key
                and (told.order_key is null or documents.order_key is null)
            )
        )

),

{{ nearest_pairs('pairs', 'candidates') }}

select
    pairs.left_key as payment_key,
    {{ text_part('pairs.right_key', '|', 2) }} as counted_payment_key,
    case when min(candidates.distance) < 1000 then 'order_amount' else 'amount_window' end as rule
from pairs
inner join candidates on pairs.left_key = candidates.left_key and pairs.right_key = candidates.right_key
group by pairs.left_key, pairs.right_key
{%- else %}
-- no two systems of this company tell of payments
select
    {{ cast_as('null', 'varchar') }} as payment_key,
    {{ cast_as('null', 'varchar') }} as counted_payment_key,
    {{ cast_as('null', 'varchar') }} as rule
where 1 = 0
{%- endif %}
