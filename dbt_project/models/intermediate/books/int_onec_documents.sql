-- Headers of everything that sells or takes back, with keys, rates and whether the document counts. Payments have their own model.
{%- set kinds = {
    'order': 'orders',
    'shipment': 'shipments',
    'return': 'returns',
    'retail_receipt': 'retail_receipts',
    'retail_return': 'retail_returns',
    'retail_report': 'retail_reports',
} %}
{%- set some_kinds = {
    'order_id': ['shipment', 'return', 'retail_receipt', 'retail_return', 'retail_report'],
    'invoice_id': ['shipment', 'return', 'retail_receipt', 'retail_return', 'retail_report'],
    'basis_id': ['order', 'shipment', 'return'],
    'shipment_id': ['return'],
    'shift_id': ['retail_receipt', 'retail_return', 'retail_report'],
    'cash_register_id': ['retail_receipt', 'retail_return', 'retail_report'],
    'receipt_status': ['retail_receipt', 'retail_return'],
} %}

with

headers as (
    {% for kind, stream in kinds.items() %}
    select
        '{{ kind }}' as document_kind,
        _source,
        _key,
        _load_id,
        is_deleted,
        entity,
        configuration,
        document_number,
        document_at,
        {{ 'ownership_at' if kind == 'shipment' else cast_as('null', 'timestamp') }} as ownership_at,
        {{ 'due_date' if kind in ('order', 'shipment', 'return') else cast_as('null', 'date') }} as due_date,
        {% for column, present_in in some_kinds.items() -%}
        {{ column if kind in present_in else cast_as('null', 'varchar') }} as {{ column }},
        {% endfor -%}
        is_posted,
        is_marked,
        organisation_id,
        partner_id,
        counterparty_id,
        manager_id,
        warehouse_id,
        contract_id,
        currency_id,
        settlement_currency_id,
        amount,
        rate,
        rate_multiplicity,
        rate_numerator,
        rate_denominator,
        vat_included,
        operation
    from {{ ref('stg_onec__' ~ stream) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- under names of their own: `headers.*` beside a column of the same name is read differently by the two engines
operations as (

    select
        operation as known_operation,
        effect as known_effect
    from {{ ref('sale_operations') }}

),

-- БП writes a sale and goods handed over on commission with one operation (ПродажаКомиссия, its usual one): the contract tells them apart
commissions as (

    select
        _source as commission_source,
        _key as commission_id
    from {{ ref('stg_onec__contracts') }}
    where contract_kind = 'СКомиссионером' and not is_deleted

),

currencies as (

    select
        source,
        currency_id as known_currency_id,
        currency_code as known_code
    from {{ ref('int_onec_currencies') }}

),

judged as (

    select
        headers.*,
        {{ onec_card_key('headers._source', 'headers.configuration', 'headers.partner_id', 'headers.counterparty_id') }} as customer_card_key,
        {{ onec_counterparty_key('headers._source', 'headers.configuration', 'headers.counterparty_id') }} as counterparty_card_key,
        coalesce(
            case when headers.operation = 'ПродажаКомиссия' and commissions.commission_id is not null then 'none' end,
            operations.known_effect,
            -- releases name returns differently: who gives back tells what the document is
            case
                when headers.operation like 'Возврат%Покупател%' or headers.operation like 'Возврат%Клиент%' then 'return'
                when headers.operation like 'Возврат%Поставщик%' or headers.operation like 'Возврат%Комитент%' then 'none'
                when headers.document_kind in ('return', 'retail_return') then 'return'
                else 'sale'
            end
        ) as effect,
        operations.known_effect is not null
        or headers.operation like 'Возврат%Покупател%'
        or headers.operation like 'Возврат%Клиент%' as is_operation_known,
        {{ accounting_currency('headers._source') }} as accounting_currency_code,
        case
            -- a base that does not publish its currencies says nothing but guids of them: most have one only
            when headers.currency_id is null or headers._source not in (select source from {{ ref('int_onec_currencies') }})
                then {{ accounting_currency('headers._source') }}
            else currencies.known_code
        end as currency_code,
        settlement_currencies.known_code as settlement_currency_code
    from headers
    left join operations on headers.operation = operations.known_operation
    left join commissions on headers._source = commissions.commission_source and headers.contract_id = commissions.commission_id
    left join currencies
        on headers._source = currencies.source and headers.currency_id = currencies.known_currency_id
    left join currencies as settlement_currencies
        on headers._source = settlement_currencies.source and headers.settlement_currency_id = settlement_currencies.known_currency_id

),

dated as (

    select
        *,
        case when effect = 'deferred' then cast(ownership_at as date) else cast(document_at as date) end as document_date
    from judged

)

select
    documents._source || ':' || documents._key as document_key,
    documents._source as source,
    documents._key as document_id,
    documents._load_id as load_id,
    documents.document_kind,
    documents.entity,
    documents.configuration,
    documents.document_number,
    documents.document_date,
    documents._source || ':' || documents.organisation_id as organisation_key,
    documents._source || ':' || documents.warehouse_id as warehouse_key,
    documents.customer_card_key,
    case when links.card_key is not null then links.customer_key else counterparty_links.customer_key end as customer_key,
    managers.manager_key,
    documents.order_id,
    documents.invoice_id,
    documents.basis_id,
    documents.shipment_id,
    documents.shift_id,
    documents.cash_register_id,
    documents.contract_id,
    documents.due_date,
    documents.amount,
    coalesce(documents.vat_included, true) as vat_included,
    documents.operation,
    documents.accounting_currency_code,
    documents.currency_code as currency_code,
    {{ document_rate(
        'documents', 'documents.currency_code', 'documents.settlement_currency_code', 'documents.accounting_currency_code',
        'rates.rate_to_base', 'accounting_rates.rate_to_base'
    ) }} as rate_to_base,
    documents.document_kind in ('return', 'retail_return')
    or documents.effect = 'return'
    or (documents.document_kind = 'retail_receipt' and coalesce(documents.operation, '') like 'Возврат%') as is_return,
    coalesce(documents.is_posted, false)
    and not coalesce(documents.is_marked, false)
    and not documents.is_deleted
    and documents.document_date is not null
    and documents.effect <> 'none'
    and (documents.entity <> 'Document_ПриходнаяНакладная' or (documents.is_operation_known and documents.effect = 'return'))
    and coalesce(documents.receipt_status, '') not like 'Отлож%'
    and coalesce(documents.receipt_status, '') not like 'Аннул%'
    and own_counterparties.card_key is null
    and own_cards.card_key is null as is_counted
from dated as documents
left join {{ ref('int_customer_links') }} as links on documents.customer_card_key = links.card_key
left join {{ ref('int_customer_links') }} as counterparty_links on documents.counterparty_card_key = counterparty_links.card_key
left join {{ ref('int_manager_links') }} as managers on documents._source || ':' || documents.manager_id = managers.manager_ref
left join {{ ref('int_onec_own_cards') }} as own_cards on documents.customer_card_key = own_cards.card_key
left join {{ ref('int_onec_own_cards') }} as own_counterparties on documents.counterparty_card_key = own_counterparties.card_key
{{ join_rate('rates', 'documents.currency_code', 'documents.document_date') }}
{{ join_rate('accounting_rates', 'documents.accounting_currency_code', 'documents.document_date') }}
