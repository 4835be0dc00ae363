{#-
    Payments seen by services, receipts and registries, each with the payment that counts its money: a document of the books, else the
    service's own payment where a receipt or a registry tells of it again, else itself. Each source meets each document once at most.
    reference: the document's words hold the service's id, or the fiscal numbers are equal; order_amount: the same order and amount within
    var payment_match_days; amount_window: the same amount within these days and nothing against it.
-#}
{{ config(materialized='table' if has_service_payments() else 'ephemeral') }}
{%- set columns = [
    'payment_key', 'source', 'seen_by', 'service_id', 'paid_at', 'direction', 'amount', 'currency_code', 'order_ref', 'description',
    'fiscal_key',
] -%}
{%- set days = var('payment_match_days') %}

with

services as (

    {{ union_of('int_service_payments', columns) }}

),

-- an order's number as people write it: case, blanks and leading zeros of its digits aside
order_numbers as (

    select
        {{ order_number_folded('order_number') }} as order_number,
        min(order_key) as order_key
    from {{ ref('int_orders') }}
    where order_number is not null
    group by {{ order_number_folded('order_number') }}
    having count(*) = 1

),

order_ids as (

    select
        order_id,
        min(order_key) as order_key
    from {{ ref('int_orders') }}
    where order_id is not null
    group by order_id
    having count(*) = 1

),

named as (

    select
        services.*,
        -- receipts and registries say wall times and days, services instants
        case
            when services.seen_by = 'service' then {{ business_date('services.paid_at') }}
            else {{ written_date('services.paid_at', 'services.source') }}
        end as payment_date,
        coalesce(order_ids.order_key, by_number.order_key, by_description.order_key, by_words.order_key) as order_key
    from services
    left join order_ids on services.order_ref = order_ids.order_id
    left join order_numbers as by_number on {{ order_number_folded('services.order_ref') }} = by_number.order_number
    left join order_numbers as by_description
        on
            {{ order_number_folded(text_extract_pattern('services.description', '[№#N] *([^ ,.;]+)', 1)) }} = by_description.order_number
    left join order_numbers as by_words
        on {{ order_number_folded(text_extract_pattern('services.description', number_after_word(), 1)) }} = by_words.order_number

),

known as (

    select
        named.*,
        orders.customer_key as customer_key
    from named
    left join {{ ref('int_orders') }} as orders on named.order_key = orders.order_key

),

document_orders as (

    select distinct
        document_key,
        order_key
    from {{ ref('int_book_payments') }}
    where is_customer_money

),

documents as (

    {{ documents_as_payments(ref('int_book_payments')) }}

),

document_words as (

    select distinct
        documents.payment_key,
        coalesce(
            {{ text_extract_pattern(lower_case('texts.payment_text'), '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}') }},
            {{ text_extract_pattern('texts.payment_text', '[0-9]{8,}') }}
        ) as service_id
    from documents
    inner join ({{ union_of('int_payment_texts', ['document_key', 'payment_text']) }}) as texts on documents.document_key = texts.document_key

),

book_candidates as (

    select
        known.payment_key as left_key,
        known.source || '|' || documents.payment_key as right_key,
        1.0 as distance
    from known
    inner join document_words on {{ lower_case('known.service_id') }} = document_words.service_id
    inner join documents
        on document_words.payment_key = documents.payment_key and known.direction = documents.direction

    union all

    select
        known.payment_key as left_key,
        known.source || '|' || documents.payment_key as right_key,
        1000.0 + abs({{ days_between('known.payment_date', 'documents.payment_date') }}) as distance
    from known
    inner join document_orders on known.order_key = document_orders.order_key
    inner join documents
        on
            document_orders.document_key = documents.document_key
            and known.direction = documents.direction
            and known.currency_code = documents.currency_code
            and known.amount = documents.amount
    where abs({{ days_between('known.payment_date', 'documents.payment_date') }}) <= {{ days }}

    union all

    select
        known.payment_key as left_key,
        known.source || '|' || documents.payment_key as right_key,
        2000.0 + abs({{ days_between('known.payment_date', 'documents.payment_date') }}) as distance
    from known
    inner join documents
        on
            known.direction = documents.direction
            and known.currency_code = documents.currency_code
            and known.amount = documents.amount
    where
        abs({{ days_between('known.payment_date', 'documents.payment_date') }}) <= {{ days }}
        and (known.order_key is null or documents.order_key is null or known.order_key = documents.order_key)
        and (known.customer_key is null or documents.customer_key is null or known.customer_key = documents.customer_key)

),

{{ nearest_pairs('book_pairs', 'book_candidates') }},

in_books as (

    select
        pairs.left_key as payment_key,
        {{ text_part('pairs.right_key', '|', 2) }} as counted_payment_key,
        min(candidates.distance) as distance
    from book_pairs as pairs
    inner join book_candidates as candidates on pairs.left_key = candidates.left_key and pairs.right_key = candidates.right_key
    group by pairs.left_key, pairs.right_key

),

-- what tells of a service's payment a second time: its receipt, its bank's registry
repeated_candidates as (

    select
        again.payment_key as left_key,
        again.source || '|' || first_told.payment_key as right_key,
        case when again.fiscal_key = first_told.fiscal_key then 1.0 when again.service_id = first_told.service_id then 1.0 else 2000.0 end
        + abs({{ days_between('again.payment_date', 'first_told.payment_date') }}) as distance
    from known as again
    inner join known as first_told
        on
            again.direction = first_told.direction
            and again.amount = first_told.amount
            and again.currency_code = first_told.currency_code
    where
        again.seen_by <> 'service'
        and (first_told.seen_by = 'service' or (again.seen_by = 'receipt' and first_told.seen_by = 'registry'))
        and (
            again.fiscal_key = first_told.fiscal_key
            or (
                abs({{ days_between('again.payment_date', 'first_told.payment_date') }}) <= {{ days }}
                and (again.order_key is null or first_told.order_key is null or again.order_key = first_told.order_key)
                and (again.fiscal_key is null or first_told.fiscal_key is null)
            )
        )

),

{{ nearest_pairs('repeated_pairs', 'repeated_candidates') }},

repeated as (

    select
        pairs.left_key as payment_key,
        {{ text_part('pairs.right_key', '|', 2) }} as first_told_key,
        min(candidates.distance) as distance
    from repeated_pairs as pairs
    inner join repeated_candidates as candidates on pairs.left_key = candidates.left_key and pairs.right_key = candidates.right_key
    group by pairs.left_key, pairs.right_key

)

select
    known.payment_key as payment_key,
    known.source as source,
    known.seen_by as seen_by,
    known.paid_at as paid_at,
    known.payment_date as payment_date,
    known.direction as direction,
    known.amount as amount,
    known.currency_code as currency_code,
    known.order_key as order_key,
    known.customer_key as customer_key,
    -- the receipt of a receipt's registry row goes two steps: row, then service
    coalesce(
        first_books.counted_payment_key, second_books.counted_payment_key, second_told.first_told_key, repeated.first_told_key,
        in_books.counted_payment_key, known.payment_key
    ) as counted_payment_key,
    case
        when repeated.distance < 1000 then 'reference'
        when repeated.payment_key is not null and (first_books.payment_key is not null or in_books.payment_key is null)
            then case when known.order_key is not null then 'order_amount' else 'amount_window' end
        when in_books.distance < 1000 then 'reference'
        when in_books.distance < 2000 then 'order_amount'
        when in_books.payment_key is not null then 'amount_window'
    end as rule
from known
left join repeated on known.payment_key = repeated.payment_key
left join repeated as second_told on repeated.first_told_key = second_told.payment_key
left join in_books as first_books on repeated.first_told_key = first_books.payment_key
left join in_books as second_books on second_told.first_told_key = second_books.payment_key
left join in_books on known.payment_key = in_books.payment_key
