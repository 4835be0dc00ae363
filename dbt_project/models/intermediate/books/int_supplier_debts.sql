{{ config(materialized=inlined()) }}

-- What suppliers are owed, a row per document of theirs. Where 1C keeps a register of settlements with suppliers, its balance at the load
-- says it, document by document; a base without one (УНФ that does not publish it) is reckoned from its supplies and the money paid to each
-- supplier, oldest first. Rates: of the day the debt arose; where 1C tells only the sum in its accounting currency, that sum.
with

register_sources as (

    select distinct source
    from {{ source('skvoz_meta', 'cursors') }}
    where system = 'onec' and stream = 'payables_balance' and cursor is not null

),

supplies as (

    select
        documents._source as source,
        documents._key as document_id,
        documents._source || ':' || documents.counterparty_id as supplier_card_key,
        cast(documents.document_at as date) as supply_date,
        documents.due_date,
        documents.amount,
        coalesce(currencies.currency_code, {{ accounting_currency('documents._source') }}) as currency_code,
        {{ accounting_currency('documents._source') }} as accounting_currency_code,
        settlement_currencies.currency_code as settlement_currency_code,
        documents.rate,
        documents.rate_multiplicity,
        documents.rate_numerator,
        documents.rate_denominator
    from {{ ref('stg_onec__returns') }} as documents
    left join {{ ref('int_onec_currencies') }} as currencies
        on documents._source = currencies.source and documents.currency_id = currencies.currency_id
    left join {{ ref('int_onec_currencies') }} as settlement_currencies
        on documents._source = settlement_currencies.source and documents.settlement_currency_id = settlement_currencies.currency_id
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
            order by supplies.supply_date, supplies.document_id
            rows between unbounded preceding and current row
        ) as supplied_to
    from supplies
    left join paid on supplies.supplier_card_key = paid.supplier_card_key and supplies.currency_code = paid.currency_code
    where supplies.source not in (select register_sources.source from register_sources)

),

reckoned as (

    select
        running.source,
        running.source || ':' || running.document_id as document_key,
        running.supplier_card_key,
        suppliers.name as supplier_name,
        running.supply_date,
        running.due_date,
        running.currency_code as currency_code,
        least(greatest(running.supplied_to - running.paid, 0), running.amount) as debt,
        {{ document_rate(
            'running', 'running.currency_code', 'running.settlement_currency_code', 'running.accounting_currency_code',
            'rates.rate_to_base', 'accounting_rates.rate_to_base'
        ) }} as rate_to_base
    from running
    left join {{ ref('stg_onec__counterparties') }} as suppliers on running.supplier_card_key = suppliers._source || ':' || suppliers._key
    {{ join_rate('rates', 'running.currency_code', 'running.supply_date') }}
    {{ join_rate('accounting_rates', 'running.accounting_currency_code', 'running.supply_date') }}

),

-- УТ: ДолгBalance in the currency of settlements; БП: the credit side of 60.01, 60.21 and 60.31; УНФ: СуммаBalance of kind «Долг»
register_rows as (

    select
        balances._source as source,
        coalesce(
            balances.document_id, balances.order_id, balances.settlement_object_id, balances.contract_id,
            balances.counterparty_id, partner_keys.counterparty_id, partner_keys.partner_id, balances._key
        ) as document_id,
        {{ onec_counterparty_key(
            'balances._source', 'balances.configuration', 'coalesce(balances.counterparty_id, partner_keys.counterparty_id)'
        ) }} as supplier_card_key,
        coalesce(counterparties.name, partners.name) as supplier_name,
        cast(balances.arisen_at as date) as arisen_on,
        balances.due_date,
        currencies.currency_code,
        {{ accounting_currency('balances._source') }} as accounting_currency_code,
        case
            when balances.account is not null then nullif(coalesce(balances.foreign_credit, 0) - coalesce(balances.foreign_debit, 0), 0)
            else balances.debt
        end as debt,
        case
            when balances.account is not null then coalesce(balances.credit, 0) - coalesce(balances.debit, 0)
            else coalesce(balances.debt_in_accounts, balances.balance)
        end as debt_in_accounts
    from {{ ref('stg_onec__payables_balance') }} as balances
    left join {{ ref('stg_onec__partner_keys') }} as partner_keys
        on balances._source = partner_keys._source and balances.partner_key_id = partner_keys._key
    left join {{ ref('stg_onec__counterparties') }} as counterparties
        on
            balances._source = counterparties._source
            and coalesce(balances.counterparty_id, partner_keys.counterparty_id) = counterparties._key
    left join {{ ref('stg_onec__partners') }} as partners
        on balances._source = partners._source and partner_keys.partner_id = partners._key
    left join {{ ref('int_onec_currencies') }} as currencies
        on balances._source = currencies.source and balances.currency_id = currencies.currency_id
    where
        not balances.is_deleted
        and coalesce(balances.settlement_kind, 'Долг') = 'Долг'
        and coalesce(balances.account, '60.01') not in ('60.02', '60.22', '60.32')

),

dated as (

    select
        register_rows.*,
        coalesce(register_rows.arisen_on, supplies.supply_date) as supply_date,
        coalesce(register_rows.due_date, supplies.due_date) as known_due_date
    from register_rows
    left join supplies on register_rows.source = supplies.source and register_rows.document_id = supplies.document_id

),

based as (

    select
        dated.*,
        rates.rate_to_base as arisen_rate,
        case
            when dated.debt is not null and rates.rate_to_base is not null then 'arisen'
            when dated.debt_in_accounts is not null then 'accounts'
            else 'now'
        end as basis
    from dated
    {{ join_rate('rates', 'dated.currency_code', 'dated.supply_date') }}
    where dated.supply_date is null or dated.supply_date <= {{ as_of_date() }}

),

valued as (

    select
        based.source,
        based.document_id,
        based.supplier_card_key,
        based.supplier_name,
        based.supply_date,
        based.known_due_date,
        case
            when based.basis = 'accounts' then based.accounting_currency_code
            else coalesce(based.currency_code, based.accounting_currency_code)
        end as currency_code,
        case when based.basis = 'accounts' then based.debt_in_accounts else based.debt end as debt,
        case when based.basis = 'arisen' then based.arisen_rate else now_rates.rate_to_base end as rate_to_base
    from based
    {{ join_rate(
        'now_rates',
        "case when based.basis = 'accounts' then based.accounting_currency_code "
        ~ "else coalesce(based.currency_code, based.accounting_currency_code) end",
        as_of_date()
    ) }}

),

-- one document may be owed for in parts, by day of payment and by organisation
registered as (

    select
        source,
        source || ':' || document_id as document_key,
        min(supplier_card_key) as supplier_card_key,
        min(supplier_name) as supplier_name,
        min(supply_date) as supply_date,
        min(known_due_date) as due_date,
        currency_code,
        sum(debt) as debt,
        min(rate_to_base) as rate_to_base
    from valued
    group by source, document_id, currency_code
    having sum(debt) > 0

),

debts as (

    select
        source,
        document_key,
        supplier_card_key,
        supplier_name,
        supply_date,
        due_date,
        currency_code,
        debt,
        rate_to_base
    from reckoned
    where debt > 0

    union all

    select
        source,
        document_key,
        supplier_card_key,
        supplier_name,
        supply_date,
        due_date,
        currency_code,
        debt,
        rate_to_base
    from registered

)

select
    source,
    document_key,
    supplier_card_key,
    supplier_name,
    supply_date,
    coalesce(due_date, {{ add_days('supply_date', var('default_payment_days')) }}) as due_date,
    currency_code,
    cast(debt as {{ decimal_type(18, 2) }}) as debt,
    {{ round_money('debt * rate_to_base') }} as debt_base
from debts
