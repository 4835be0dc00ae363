{#- A table only where another system tells of payments too, which are looked for among these. -#}
{{ config(materialized='table' if has_payment_twins() else 'ephemeral') }}
-- Money of customers, one row per split line (a document without split lines is one line), amounts unsigned in the payment's currency.
-- A bank document counts when the bank has executed it (ПроведеноБанком, where the configuration has it), on the bank's day.
{%- set kinds = {
    'bank_receipt': ['bank', 'in'],
    'bank_payment': ['bank', 'out'],
    'cash_receipt': ['cash', 'in'],
    'cash_payment': ['cash', 'out'],
    'card_operation': ['card', 'in'],
} %}

with

documents as (
    {% for kind, traits in kinds.items() %}
    select
        '{{ kind }}' as document_kind,
        '{{ traits[0] }}' as payment_method,
        '{{ traits[1] }}' as usual_direction,
        *
    from {{ ref('stg_onec__' ~ kind ~ 's') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

counted as (

    select
        documents.*,
        coalesce(
            operations.kind,
            -- releases name their operations differently: who pays, or is paid back, tells
            case
                when documents.document_kind = 'card_operation' then 'customer'
                when documents.operation like 'Возврат%Покупател%' or documents.operation like 'Возврат%Клиент%' then 'customer'
                when
                    documents.usual_direction = 'in'
                    and (documents.operation like '%ОтПокупател%' or documents.operation like '%ОтКлиент%')
                    then 'customer'
            end
        ) as operation_kind,
        case
            when
                documents.document_kind = 'card_operation'
                and (documents.operation like 'Возврат%' or documents.operation like '%Возврат%' or documents.operation = 'Покупателю')
                then 'out'
            else documents.usual_direction
        end as direction,
        coalesce(documents.conducted_at, documents.document_at) as paid_wall_at
    from documents
    left join {{ ref('payment_operations') }} as operations on documents.operation = operations.operation
    where
        documents.is_posted
        and not coalesce(documents.is_marked, false)
        and not documents.is_deleted
        and coalesce(documents.is_conducted, true)
        and documents.document_at is not null

),

splits as (
    {% for kind in kinds %}
    select
        '{{ kind }}' as document_kind,
        *
    from {{ ref('stg_onec__' ~ kind ~ '_splits') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

split_lines as (

    select
        documents.document_kind,
        documents._source,
        documents._key,
        coalesce(splits.line_number, 1) as line_number,
        documents.configuration,
        documents.payment_method,
        documents.direction,
        documents.operation_kind,
        documents.paid_wall_at,
        documents.organisation_id,
        documents.account_id,
        coalesce(splits.article_id, documents.article_id) as article_id,
        documents.currency_id,
        documents.settlement_currency_id,
        coalesce(splits.rate, documents.rate) as rate,
        coalesce(splits.rate_multiplicity, documents.rate_multiplicity) as rate_multiplicity,
        documents.rate_numerator,
        documents.rate_denominator,
        coalesce(splits.amount, documents.amount) as amount,
        splits.settlement_amount,
        coalesce(splits.partner_id, documents.partner_id) as partner_id,
        coalesce(
            splits.counterparty_id,
            case
                when documents.counterparty_type is null or documents.counterparty_type like '%Catalog_Контрагенты' then documents.counterparty_id
                when documents.counterparty_type like 'UnavailableEntities%' then documents.counterparty_id
            end
        ) as counterparty_id,
        splits.order_id as split_order_id,
        splits.basis_id as split_basis_id,
        documents.order_id,
        documents.invoice_id,
        documents.basis_id
    from counted as documents
    left join splits
        on
            documents.document_kind = splits.document_kind
            and documents._source = splits._source
            and documents._key = splits._key
            and documents._load_id = splits._load_id

),

keyed as (

    select
        split_lines.*,
        cast(split_lines.paid_wall_at as date) as payment_date,
        {{ onec_card_key('split_lines._source', 'split_lines.configuration', 'split_lines.partner_id', 'split_lines.counterparty_id') }} as customer_card_key,
        {{ onec_counterparty_key('split_lines._source', 'split_lines.configuration', 'split_lines.counterparty_id') }} as counterparty_card_key,
        coalesce(
            by_split_order.order_key, by_split_basis.order_key, by_order.order_key, by_invoice.order_key, by_basis.order_key
        ) as order_key,
        {{ accounting_currency('split_lines._source') }} as accounting_currency_code,
        case
            -- as with documents of sale, a base may publish no currencies
            when split_lines.currency_id is null or split_lines._source not in (select source from {{ ref('int_onec_currencies') }})
                then {{ accounting_currency('split_lines._source') }}
            else currencies.currency_code
        end as currency_code,
        settlement_currencies.currency_code as settlement_currency_code
    from split_lines
    {%- for alias, column in {
        'by_split_order': 'split_order_id', 'by_split_basis': 'split_basis_id', 'by_order': 'order_id', 'by_invoice': 'invoice_id', 'by_basis': 'basis_id'
    }.items() %}
    left join {{ ref('int_order_references') }} as {{ alias }}
        on split_lines._source = {{ alias }}.source and split_lines.{{ column }} = {{ alias }}.reference_id
    {%- endfor %}
    left join {{ ref('int_onec_currencies') }} as currencies
        on split_lines._source = currencies.source and split_lines.currency_id = currencies.currency_id
    left join {{ ref('int_onec_currencies') }} as settlement_currencies
        on split_lines._source = settlement_currencies.source and split_lines.settlement_currency_id = settlement_currencies.currency_id

),

valued as (

    select
        payments.*,
        {{ document_rate(
            'payments', 'payments.currency_code', 'payments.settlement_currency_code', 'payments.accounting_currency_code',
            'rates.rate_to_base', 'accounting_rates.rate_to_base'
        ) }} as rate_to_base,
        own_cards.card_key is not null or own_counterparties.card_key is not null as is_own
    from keyed as payments
    left join {{ ref('int_onec_own_cards') }} as own_cards on payments.customer_card_key = own_cards.card_key
    left join {{ ref('int_onec_own_cards') }} as own_counterparties on payments.counterparty_card_key = own_counterparties.card_key
    {{ join_rate('rates', 'payments.currency_code', 'payments.payment_date') }}
    {{ join_rate('accounting_rates', 'payments.accounting_currency_code', 'payments.payment_date') }}

)

select
    payments._source || ':' || payments._key || ':' || cast(payments.line_number as {{ text_type() }}) as payment_key,
    payments._source as source,
    payments._source || ':' || payments._key as document_key,
    {{ source_instant('payments.paid_wall_at', 'payments._source') }} as paid_at,
    payments.payment_date,
    payments._source || ':' || payments.organisation_id as organisation_key,
    -- БП has no cash desks, an organisation's cash is one place
    payments._source || ':' || coalesce(
        payments.account_id,
        case when payments.payment_method in ('bank', 'cash') then payments.payment_method || ':' || payments.organisation_id end
    ) as account_key,
    payments._source || ':' || payments.article_id as article_key,
    payments.operation_kind,
    case
        when links.card_key is not null then links.customer_key
        when counterparty_links.card_key is not null then counterparty_links.customer_key
        else orders.customer_key
    end as customer_key,
    payments.counterparty_card_key,
    payments.order_key as order_key,
    orders.manager_key as order_manager_key,
    payments.payment_method,
    payments.direction,
    payments.amount as amount,
    payments.currency_code as currency_code,
    payments.rate_to_base as rate_to_base,
    {{ round_money("payments.amount * payments.rate_to_base * case when payments.direction = 'out' then -1 else 1 end") }} as amount_base,
    -- what the payment settles, in the order's currency: itself, else the sum 1C reckoned, else through the rates of the day
    case
        when payments.order_key is null then payments.amount
        when payments.currency_code = orders.currency_code then payments.amount
        when nullif(payments.settlement_amount, 0) is not null and payments.settlement_amount <> payments.amount then payments.settlement_amount
        else {{ round_money(quotient(
            'payments.amount * payments.rate_to_base', 'coalesce(order_rates.rate_to_base, orders.rate_to_base)'
        )) }}
    end * case when payments.direction = 'out' then -1 else 1 end as settled,
    coalesce(payments.operation_kind in ('customer', 'retail'), false) and not payments.is_own as is_customer_money,
    payments.is_own
from valued as payments
left join {{ ref('int_orders') }} as orders on payments.order_key = orders.order_key
left join {{ ref('int_customer_links') }} as links on payments.customer_card_key = links.card_key
left join {{ ref('int_customer_links') }} as counterparty_links on payments.counterparty_card_key = counterparty_links.card_key
{{ join_rate('order_rates', 'orders.currency_code', 'payments.payment_date') }}
