-- Supplies of suppliers and how far money to them has paid each, oldest first, per supplier and currency at as_of.
-- Only УНФ shows supplies in a stream that is loaded (Document_ПриходнаяНакладная, which is also the customers' return).
with

supplies as (

    select
        documents._source as source,
        documents._source || ':' || documents._key as document_key,
        documents._source || ':' || documents.counterparty_id as supplier_card_key,
        cast(documents.document_at as date) as supply_date,
        documents.due_date,
        documents.amount,
        coalesce(currencies.currency_code, '{{ var("base_currency") }}') as currency_code
    from {{ ref('stg_onec__returns') }} as documents
    left join {{ ref('int_onec_currencies') }} as currencies
        on documents._source = currencies.source and documents.currency_id = currencies.currency_id
    where
        documents.entity = 'Document_ПриходнаяНакладная'
        and documents.operation in ('ПоступлениеОтПоставщика', 'ОтПоставщика')
        and documents.is_posted
        and not coalesce(documents.is_marked, false)
        and not documents.is_deleted
        and documents.counterparty_id is not null
        and cast(documents.document_at as date) <= {{ as_of_date() }}

),

paid as (

    select
        counterparty_card_key as supplier_card_key,
        currency_code,
        sum(case when direction = 'out' then amount else -amount end) as paid
    from {{ ref('int_payments') }}
    where operation_kind = 'supplier' and payment_date <= {{ as_of_date() }}
    group by counterparty_card_key, currency_code

),

running as (

    select
        supplies.*,
        coalesce(paid.paid, 0) as paid,
        sum(supplies.amount) over (
            partition by supplies.supplier_card_key, supplies.currency_code
            order by supplies.supply_date, supplies.document_key
            rows between unbounded preceding and current row
        ) as supplied_to
    from supplies
    left join paid on supplies.supplier_card_key = paid.supplier_card_key and supplies.currency_code = paid.currency_code

)

select
    source,
    document_key,
    supplier_card_key,
    supply_date,
    due_date,
    currency_code,
    cast(least(greatest(supplied_to - paid, 0), amount) as {{ decimal_type(18, 2) }}) as debt
from running
