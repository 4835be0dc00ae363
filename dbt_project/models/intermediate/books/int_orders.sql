-- Every order: counted order documents, and as their own (is_order false) each shipment, return or other sale of the register that names none
-- and each debt that stood when the first loaded day began.
with

line_sums as (

    select
        order_key,
        sum(case when is_cancelled then 0 else amount end) as amount,
        sum(case when is_cancelled then 0 else vat end) as vat,
        min(case when is_cancelled then 1 else 0 end) = 1 as is_all_cancelled
    from {{ ref('int_order_lines') }}
    group by order_key

),

shipped as (

    select distinct order_key
    from {{ ref('int_order_movements') }}
    where not is_return

),

-- a base that publishes its register of sales and no shipments does not say what was shipped by which order
shipping_sources as (

    select distinct source
    from {{ ref('int_onec_documents') }}
    where document_kind = 'shipment'

),

-- УТ closes a cancelled order with the same status as a fulfilled one; nothing was ever shipped by it, and no other field says why
order_documents as (

    select
        documents.document_key as order_key,
        documents.source,
        documents.entity as entity,
        documents.document_id,
        documents.document_number as order_number,
        documents.document_date as order_date,
        documents.organisation_key,
        documents.customer_key,
        documents.manager_key,
        documents.contract_id as contract_id,
        documents.currency_code,
        documents.rate_to_base,
        documents.due_date as due_date,
        coalesce(line_sums.amount, documents.amount, 0) as amount,
        coalesce(line_sums.vat, 0) as vat,
        orders.deal_reference,
        case
            when orders.channel_reference in ('manager', 'site', 'self_service', 'agent', 'other') then orders.channel_reference
            when orders.author_type like '%ВнешниеПользователи%' then 'self_service'
            when orders.basis_type like '%ЗаданиеТорговомуПредставителю%' then 'agent'
            when orders.channel_reference is not null then 'other'
            when documents.manager_key is not null then 'manager'
            else 'other'
        end as order_channel,
        coalesce(orders.completion like 'Отмен%', false)
        or coalesce(orders.status like 'Отмен%', false)
        or coalesce(line_sums.is_all_cancelled, false)
        or (
            coalesce(orders.status = 'Закрыт', false)
            and shipped.order_key is null
            and documents.source in (select source from shipping_sources)
        ) as is_cancelled,
        coalesce(orders.is_closed, false) or coalesce(orders.status in ('Закрыт', 'Выполнен', 'Завершен'), false) as is_closed,
        true as is_order
    from {{ ref('int_onec_documents') }} as documents
    inner join {{ ref('stg_onec__orders') }} as orders on documents.source = orders._source and documents.document_id = orders._key
    left join line_sums on documents.document_key = line_sums.order_key
    left join shipped on documents.document_key = shipped.order_key
    where documents.document_kind = 'order' and documents.is_counted

),

own_sums as (

    select
        order_key,
        sum(case when is_return then -amount else amount end) as amount,
        sum(case when is_return then -vat else vat end) as vat
    from {{ ref('int_sale_document_lines') }}
    where document_kind in ('shipment', 'return') and order_key = document_key
    group by order_key

),

documents_without_order as (

    select
        documents.document_key as order_key,
        documents.source,
        documents.entity as entity,
        documents.document_id,
        documents.document_number as order_number,
        documents.document_date as order_date,
        documents.organisation_key,
        documents.customer_key,
        documents.manager_key,
        documents.contract_id as contract_id,
        documents.currency_code,
        documents.rate_to_base,
        documents.due_date as due_date,
        own_sums.amount,
        own_sums.vat,
        cast(null as {{ text_type() }}) as deal_reference,
        case when documents.manager_key is not null then 'manager' else 'other' end as order_channel,
        false as is_cancelled,
        false as is_closed,
        false as is_order
    from own_sums
    inner join {{ ref('int_onec_documents') }} as documents on own_sums.order_key = documents.document_key

),

register_sums as (

    select
        documents.source as source,
        documents.document_key as document_key,
        min(documents.document_id) as document_id,
        max(documents.recorder_type) as recorder_type,
        min(documents.document_date) as document_date,
        min(documents.organisation_key) as organisation_key,
        min(documents.customer_key) as customer_key,
        min(documents.manager_key) as manager_key,
        documents.currency_code as currency_code,
        min(documents.rate_to_base) as rate_to_base,
        sum(documents.amount) as amount,
        sum(documents.vat) as vat
    from {{ ref('int_register_documents') }} as documents
    inner join {{ ref('int_order_references') }} as by_document
        on documents.source = by_document.source and documents.document_id = by_document.reference_id
    left join {{ ref('int_order_references') }} as by_order on documents.source = by_order.source and documents.order_id = by_order.reference_id
    where documents.document_key = coalesce(by_order.order_key, by_document.order_key)
    group by documents.source, documents.document_key, documents.currency_code

),

documents_of_the_register as (

    select
        register_sums.document_key as order_key,
        register_sums.source as source,
        case
            when register_sums.recorder_type like 'StandardODATA.%' then replace(register_sums.recorder_type, 'StandardODATA.', '')
        end as entity,
        register_sums.document_id as document_id,
        cast(null as {{ text_type() }}) as order_number,
        register_sums.document_date as order_date,
        register_sums.organisation_key as organisation_key,
        register_sums.customer_key as customer_key,
        register_sums.manager_key as manager_key,
        cast(null as {{ text_type() }}) as contract_id,
        register_sums.currency_code as currency_code,
        register_sums.rate_to_base as rate_to_base,
        {{ cast_as('null', 'date') }} as due_date,
        register_sums.amount as amount,
        register_sums.vat as vat,
        cast(null as {{ text_type() }}) as deal_reference,
        case when register_sums.manager_key is not null then 'manager' else 'other' end as order_channel,
        false as is_cancelled,
        false as is_closed,
        false as is_order
    from register_sums
    left join order_documents on register_sums.document_key = order_documents.order_key
    where order_documents.order_key is null

),

opening_debts as (

    select
        opening.opening_key as order_key,
        opening.source as source,
        case when opening.document_type like 'StandardODATA.%' then replace(opening.document_type, 'StandardODATA.', '') end as entity,
        opening.document_id as document_id,
        cast(null as {{ text_type() }}) as order_number,
        opening.opened_on as order_date,
        opening.organisation_key as organisation_key,
        opening.customer_key as customer_key,
        opening.manager_key as manager_key,
        opening.contract_id as contract_id,
        opening.currency_code as currency_code,
        opening.rate_to_base as rate_to_base,
        {{ cast_as('null', 'date') }} as due_date,
        opening.balance as amount,
        0 as vat,
        cast(null as {{ text_type() }}) as deal_reference,
        'other' as order_channel,
        false as is_cancelled,
        false as is_closed,
        false as is_order
    from {{ ref('int_opening_balances') }} as opening
    left join register_sums on opening.opening_key = register_sums.document_key
    where opening.balance > 0 and opening.loaded_order_key is null and register_sums.document_key is null

),

orders as (

    select * from order_documents

    union all

    select * from documents_without_order

    union all

    select * from documents_of_the_register

    union all

    select * from opening_debts

)

select
    orders.order_key,
    orders.source,
    orders.document_id as order_id,
    orders.order_number,
    orders.order_date,
    orders.organisation_key,
    orders.customer_key,
    orders.manager_key,
    orders.contract_id,
    orders.currency_code,
    orders.rate_to_base,
    orders.due_date,
    cast(orders.amount as {{ decimal_type(18, 2) }}) as amount,
    cast(orders.vat as {{ decimal_type(18, 2) }}) as vat,
    orders.deal_reference,
    orders.order_channel,
    orders.is_cancelled,
    orders.is_closed,
    orders.is_order,
    {{ onec_link('sources.url', 'orders.entity', 'orders.document_id') }} as source_url
from orders
left join {{ ref('int_sources') }} as sources on orders.source = sources.source
{{ and_union_of('int_order_records', [
    'order_key', 'source', 'order_id', 'order_number', 'order_date', 'organisation_key', 'customer_key', 'manager_key', 'contract_id',
    'currency_code', 'rate_to_base', 'due_date', 'amount', 'vat', 'deal_reference', 'order_channel', 'is_cancelled', 'is_closed', 'is_order',
    'source_url',
]) }}
