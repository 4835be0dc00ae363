{{ config(materialized=inlined()) }}
{%- set digits = '0*([0-9]+)$' %}
-- Payments that only the bank knows: executed, not between own accounts, and without a document of 1C that is the same money. A document
-- is the same when direction, amount and day are (each taken once), or direction, amount and customer within five days, for an accountant
-- may date it later than the bank. Who paid is told by the tax number; which order it is for by the number written in the purpose.
with

statements as (

    select
        _source as source,
        _key as document_id,
        direction,
        amount,
        executed_on,
        coalesce(currency_code, '{{ var("base_currency") }}') as currency_code,
        account,
        tax_id,
        purpose
    from {{ ref('stg_client_bank__documents') }}
    where not is_deleted and executed_on is not null and direction in ('in', 'out') and amount is not null

),

customers as (

    select
        cards.tax_id,
        min(links.customer_key) as customer_key
    from {{ ref('int_customer_cards') }} as cards
    inner join {{ ref('int_customer_links') }} as links on cards.card_key = links.card_key
    where cards.tax_id is not null and links.customer_key is not null
    group by cards.tax_id

),

own_tax_ids as (

    select distinct tax_id
    from {{ ref('stg_onec__organisations') }}
    where not is_deleted and tax_id is not null

),

seen as (

    select
        statements.*,
        customers.customer_key,
        own_tax_ids.tax_id is not null as is_own,
        row_number() over (
            partition by statements.direction, statements.amount, statements.executed_on
            order by statements.source, statements.document_id
        ) as place
    from statements
    left join customers on statements.tax_id = customers.tax_id
    left join own_tax_ids on statements.tax_id = own_tax_ids.tax_id

),

onec_documents as (
    {% for kind, direction in {'bank_receipts': 'in', 'bank_payments': 'out'}.items() %}
    select
        '{{ direction }}' as direction,
        documents._source as source,
        documents._key as document_id,
        documents.amount,
        cast(coalesce(documents.conducted_at, documents.document_at) as date) as paid_on,
        coalesce(partner_links.customer_key, counterparty_links.customer_key) as customer_key
    from {{ ref('stg_onec__' ~ kind) }} as documents
    left join {{ ref('int_customer_links') }} as partner_links
        on
            {{ onec_card_key('documents._source', 'documents.configuration', 'documents.partner_id', 'documents.counterparty_id') }}
            = partner_links.card_key
    left join {{ ref('int_customer_links') }} as counterparty_links
        on
            {{ onec_counterparty_key('documents._source', 'documents.configuration', 'documents.counterparty_id') }}
            = counterparty_links.card_key
    where documents.is_posted and not coalesce(documents.is_marked, false) and not documents.is_deleted

    union all
    {% endfor %}
    select
        direction,
        source,
        payment_key as document_id,
        amount,
        payment_date as paid_on,
        customer_key
    from {{ ref('int_payment_records__commerceml') }}
    where payment_method = 'bank'

),

placed_documents as (

    select
        onec_documents.*,
        row_number() over (partition by direction, amount, paid_on order by source, document_id) as place
    from onec_documents

),

same_day as (

    select
        seen.source,
        seen.document_id,
        documents.source as onec_source,
        documents.document_id as onec_id
    from seen
    inner join placed_documents as documents
        on
            seen.direction = documents.direction
            and seen.amount = documents.amount
            and seen.executed_on = documents.paid_on
            and seen.place = documents.place

),

left_statements as (

    select
        seen.*,
        row_number() over (
            partition by seen.direction, seen.amount, seen.customer_key
            order by seen.executed_on, seen.document_id
        ) as customer_place
    from seen
    left join same_day on seen.source = same_day.source and seen.document_id = same_day.document_id
    where same_day.document_id is null

),

left_documents as (

    select
        documents.*,
        row_number() over (
            partition by documents.direction, documents.amount, documents.customer_key
            order by documents.paid_on, documents.document_id
        ) as customer_place
    from placed_documents as documents
    left join same_day on documents.source = same_day.onec_source and documents.document_id = same_day.onec_id
    where same_day.onec_id is null and documents.customer_key is not null

),

payments as (

    select
        left_statements.*,
        {{ text_extract_pattern('left_statements.purpose', number_after_word(), 1) }} as named_number
    from left_statements
    left join left_documents
        on
            left_statements.direction = left_documents.direction
            and left_statements.amount = left_documents.amount
            and left_statements.customer_key = left_documents.customer_key
            and left_statements.customer_place = left_documents.customer_place
            and abs({{ days_between('left_documents.paid_on', 'left_statements.executed_on') }}) <= 5
    where left_documents.document_id is null

),

named_orders as (

    select
        payments.source,
        payments.document_id,
        {{ arg_max('orders.order_key', 'orders.order_date') }} as order_key
    from payments
    inner join {{ ref('int_orders') }} as orders
        on
            payments.customer_key = orders.customer_key
            and orders.order_date <= payments.executed_on
            and not orders.is_cancelled
            and (
                payments.named_number = orders.order_number
                or {{ text_extract_pattern('payments.named_number', digits, 1) }}
                = {{ text_extract_pattern('orders.order_number', digits, 1) }}
            )
    group by payments.source, payments.document_id

)

select
    {{ crm_key('payments.source', 'payments.document_id') }} as payment_key,
    payments.source as source,
    {{ crm_key('payments.source', 'payments.document_id') }} as document_key,
    {{ source_instant('cast(payments.executed_on as timestamp)', 'payments.source') }} as paid_at,
    payments.executed_on as payment_date,
    cast(null as {{ text_type() }}) as organisation_key,
    -- cash_balances opens accounts with the registers of 1C; what only the bank knows would be a balance without a beginning
    cast(null as {{ text_type() }}) as account_key,
    cast(null as {{ text_type() }}) as article_key,
    case when payments.customer_key is not null then 'customer' end as operation_kind,
    payments.customer_key as customer_key,
    cast(null as {{ text_type() }}) as counterparty_card_key,
    orders.order_key as order_key,
    orders.manager_key as order_manager_key,
    'bank' as payment_method,
    payments.direction,
    payments.amount as amount,
    payments.currency_code as currency_code,
    rates.rate_to_base as rate_to_base,
    {{ round_money("payments.amount * rates.rate_to_base * case when payments.direction = 'out' then -1 else 1 end") }} as amount_base,
    case
        when orders.order_key is null or payments.currency_code = orders.currency_code then payments.amount
        else {{ round_money(quotient('payments.amount * rates.rate_to_base', 'orders.rate_to_base')) }}
    end * case when payments.direction = 'out' then -1 else 1 end as settled,
    -- money to a customer who sells to us as well is a refund only when the purpose says so
    payments.customer_key is not null and not payments.is_own
    and (payments.direction = 'in' or {{ lower_case("coalesce(payments.purpose, '')") }} like '%возврат%') as is_customer_money,
    payments.is_own
from payments
left join named_orders on payments.source = named_orders.source and payments.document_id = named_orders.document_id
left join {{ ref('int_orders') }} as orders on named_orders.order_key = orders.order_key
{{ join_rate('rates', 'payments.currency_code', 'payments.executed_on') }}
