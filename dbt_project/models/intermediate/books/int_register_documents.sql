-- Customers' sales that stand in the sales register and in no document that is read: acts of work, commission reports, corrections of a
-- shipment, УНФ's order that is its own act («Заказ-наряд»). One row per such document and order that its rows name, signed, in the
-- accounting currency. They are owed for as shipments are. Rows that only close cost, and a shop's sales, are none.
with

-- a register that only one kind of document moves tells no type
read_documents as (

    select
        source as read_source,
        document_id as read_id
    from {{ ref('int_onec_documents') }}
    where document_kind <> 'order'

),

-- a document of a type that is read, and not there, was left out for a reason: deleted, or older than what is read
read_types as (

    select distinct
        source as type_source,
        'StandardODATA.' || entity as read_type
    from {{ ref('int_onec_documents') }}
    where document_kind <> 'order'

),

-- most bases have none, and millions of rows to look through for them
unread_types as (

    select
        register_types.type_source as unread_source,
        register_types.recorder_type as unread_type
    from (
        select distinct
            _source as type_source,
            coalesce(recorder_type, '') as recorder_type
        from {{ ref('stg_onec__sales_register_rows') }}
    ) as register_types
    left join read_types
        on register_types.type_source = read_types.type_source and register_types.recorder_type = read_types.read_type
    where
        read_types.read_type is null
        -- paid at the till
        and register_types.recorder_type not like '%ЧекККМ%'
        and register_types.recorder_type not like '%Розничн%'

),

-- where shipments are not read, every document of the register would be one of these
shipping_sources as (

    select distinct source
    from {{ ref('int_onec_documents') }}
    where document_kind = 'shipment'

),

register_rows as (

    select
        sales.*,
        {{ onec_card_key('sales.source', 'sales.configuration', 'sales.partner_id', 'sales.counterparty_id') }} as card_key,
        {{ onec_counterparty_key('sales.source', 'sales.configuration', 'sales.counterparty_id') }} as counterparty_card_key
    from {{ ref('int_onec_register_rows') }} as sales
    inner join unread_types
        on sales.source = unread_types.unread_source and coalesce(sales.recorder_type, '') = unread_types.unread_type
    left join read_documents on sales.source = read_documents.read_source and sales.recorder_id = read_documents.read_id
    where
        read_documents.read_id is null
        and sales.revenue <> 0
        and sales.effect not in ('none', 'deferred')
        and sales.source in (select source from shipping_sources)

),

keyed as (

    select
        sales.source as source,
        sales.recorder_id as document_id,
        sales.recorder_type as recorder_type,
        sales.order_id as order_id,
        cast(sales.period as date) as document_date,
        sales.source || ':' || sales.organisation_id as organisation_key,
        case when links.card_key is not null then links.customer_key else counterparty_links.customer_key end as customer_key,
        managers.manager_key,
        sales.revenue as revenue,
        sales.vat as vat,
        {{ accounting_currency('sales.source') }} as currency_code
    from register_rows as sales
    left join {{ ref('int_customer_links') }} as links on sales.card_key = links.card_key
    left join {{ ref('int_customer_links') }} as counterparty_links on sales.counterparty_card_key = counterparty_links.card_key
    left join {{ ref('int_manager_links') }} as managers on sales.source || ':' || sales.manager_id = managers.manager_ref
    left join {{ ref('int_onec_own_cards') }} as own_cards on sales.card_key = own_cards.card_key
    left join {{ ref('int_onec_own_cards') }} as own_counterparties on sales.counterparty_card_key = own_counterparties.card_key
    where own_cards.card_key is null and own_counterparties.card_key is null

),

documents as (

    select
        keyed.source as source,
        keyed.document_id as document_id,
        keyed.order_id as order_id,
        max(keyed.recorder_type) as recorder_type,
        min(keyed.document_date) as document_date,
        min(keyed.organisation_key) as organisation_key,
        min(keyed.customer_key) as customer_key,
        min(keyed.manager_key) as manager_key,
        keyed.currency_code as currency_code,
        sum(keyed.revenue) as amount,
        sum(keyed.vat) as vat
    from keyed
    where keyed.customer_key is not null
    group by keyed.source, keyed.document_id, keyed.order_id, keyed.currency_code

)

select
    documents.source as source,
    documents.source || ':' || documents.document_id as document_key,
    documents.document_id as document_id,
    documents.order_id,
    documents.recorder_type,
    documents.document_date as document_date,
    documents.organisation_key,
    documents.customer_key,
    documents.manager_key,
    documents.currency_code as currency_code,
    rates.rate_to_base,
    documents.amount as amount,
    documents.vat
from documents
{{ join_rate('rates', 'documents.currency_code', 'documents.document_date') }}
