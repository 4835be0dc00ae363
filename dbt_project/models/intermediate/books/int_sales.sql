{{ config(materialized=read_through()) }}

-- What was really sold, one row per line, signed, in the company currency: from the sales register of a base that has one, else from its
-- documents; of a company without such books (var sales_from_deals) from won deals.
-- depends_on: {{ ref('int_deals') }} (the graph is the same with and without books)
with

register_sources as (

    select distinct _source as source
    from {{ ref('stg_onec__sales_register') }}
    where not is_deleted

),

documents as (

    select
        source as document_source,
        document_id,
        document_key,
        document_number,
        document_date,
        organisation_key as document_organisation_key,
        warehouse_key as document_warehouse_key,
        customer_key as document_customer_key,
        manager_key as document_manager_key,
        is_return as is_return_document,
        is_counted
    from {{ ref('int_onec_documents') }}
    where document_kind <> 'order'

),

-- a register that keeps returns unsigned is told by the recorder as a whole: its rows sum to more than nothing
unsigned_returns as (

    select
        register_rows.source as source,
        register_rows.recorder_id as recorder_id
    from {{ ref('int_onec_register_rows') }} as register_rows
    inner join documents on register_rows.source = documents.document_source and register_rows.recorder_id = documents.document_id
    where
        documents.is_return_document
        and register_rows.effect <> 'none'
        and coalesce(documents.is_counted, register_rows.effect <> 'deferred')
    group by register_rows.source, register_rows.recorder_id
    having
        sum(register_rows.quantity) > 0
        or (sum(register_rows.quantity) = 0 and sum(register_rows.revenue) > 0)

    union all

    select
        register_rows.source as source,
        register_rows.recorder_id as recorder_id
    from {{ ref('int_onec_register_rows') }} as register_rows
    left join documents on register_rows.source = documents.document_source and register_rows.recorder_id = documents.document_id
    where
        documents.document_id is null
        and register_rows.recorder_type like '%Возврат%'
        and register_rows.effect not in ('none', 'deferred')
    group by register_rows.source, register_rows.recorder_id
    having
        sum(register_rows.quantity) > 0
        or (sum(register_rows.quantity) = 0 and sum(register_rows.revenue) > 0)

),

register_sales as (

    select
        register_rows.*,
        documents.document_key,
        documents.document_number,
        documents.document_organisation_key,
        documents.document_warehouse_key,
        documents.document_customer_key,
        documents.document_manager_key,
        coalesce(case when register_rows.effect = 'deferred' then documents.document_date end, register_rows.period) as sale_date,
        coalesce(documents.is_return_document, register_rows.recorder_type like '%Возврат%', false) as is_return_document,
        {{ onec_card_key(
            'register_rows.source', 'register_rows.configuration', 'register_rows.partner_id', 'register_rows.counterparty_id'
        ) }} as card_key,
        -- where a row names no partner, its card is the counterparty's
        case
            when register_rows.partner_id is not null
                then {{ onec_counterparty_key('register_rows.source', 'register_rows.configuration', 'register_rows.counterparty_id') }}
        end as counterparty_card_key
    from {{ ref('int_onec_register_rows') }} as register_rows
    left join documents on register_rows.source = documents.document_source and register_rows.recorder_id = documents.document_id
    where
        register_rows.effect <> 'none'
        and coalesce(documents.is_counted, register_rows.effect <> 'deferred')

),

-- УТ keeps cost in other rows than revenue, and the month's closing in another recorder: looked for where a row has none of its own
without_cost as (

    select
        source,
        moved_id,
        product_id
    from {{ ref('int_onec_register_rows') }}
    where cost = 0
    group by source, moved_id, product_id

),

known_costs as (

    select
        register_rows.source as source,
        register_rows.moved_id as moved_id,
        register_rows.product_id as product_id
    from {{ ref('int_onec_register_rows') }} as register_rows
    inner join without_cost
        on
            register_rows.source = without_cost.source
            and register_rows.moved_id = without_cost.moved_id
            and register_rows.product_id = without_cost.product_id
    where register_rows.cost <> 0
    group by register_rows.source, register_rows.moved_id, register_rows.product_id

),

-- one look says whose card it is and whether it is the company itself
cards as (

    select
        coalesce(links.card_key, own_cards.card_key) as card_key,
        links.customer_key as customer_key,
        links.card_key is not null as is_known,
        own_cards.card_key is not null as is_own
    from {{ ref('int_customer_links') }} as links
    full outer join {{ ref('int_onec_own_cards') }} as own_cards on links.card_key = own_cards.card_key

),

from_register as (

    select
        sales.source || ':' || sales.recorder_id || ':' || cast(sales.line_number as {{ text_type() }}) as sale_key,
        sales.source as source,
        sales.source || ':' || sales.recorder_id as document_key,
        sales.document_number,
        sales.sale_date,
        coalesce(sales.source || ':' || sales.organisation_id, sales.document_organisation_key) as organisation_key,
        coalesce(sales.source || ':' || sales.warehouse_id, sales.document_warehouse_key) as warehouse_key,
        case
            when cards.is_known then cards.customer_key
            when counterparties.is_known then counterparties.customer_key
            else sales.document_customer_key
        end as customer_key,
        products.product_key,
        coalesce(managers.manager_key, sales.document_manager_key) as manager_key,
        coalesce(by_row.order_key, by_document.order_key) as order_key,
        cast(null as {{ text_type() }}) as deal_key,
        {% set sign = "case when unsigned_returns.recorder_id is not null then -1 else 1 end" -%}
        sales.quantity * {{ sign }} as quantity,
        sales.revenue * {{ sign }} as revenue,
        sales.vat * {{ sign }} as vat,
        case
            when
                sales.cost = 0
                and known_costs.product_id is null
                and (sales.quantity <> 0 or sales.revenue <> 0)
                and not coalesce(products.is_service, false)
                then null
            else sales.cost * {{ sign }}
        end as cost,
        sales.is_return_document or sales.quantity < 0 or sales.revenue < 0 as is_return,
        sales.quantity <> 0 or sales.revenue <> 0 as is_sale_row,
        accounting_rates.rate_to_base
    from register_sales as sales
    left join unsigned_returns on sales.source = unsigned_returns.source and sales.recorder_id = unsigned_returns.recorder_id
    left join known_costs
        on
            sales.source = known_costs.source
            and sales.moved_id = known_costs.moved_id
            and sales.product_id = known_costs.product_id
    left join cards on sales.card_key = cards.card_key
    left join cards as counterparties on sales.counterparty_card_key = counterparties.card_key
    left join {{ ref('int_onec_products') }} as products on sales.source || ':' || sales.product_id = products.product_ref
    left join {{ ref('int_manager_links') }} as managers on sales.source || ':' || sales.manager_id = managers.manager_ref
    left join {{ ref('int_order_references') }} as by_row on sales.source = by_row.source and sales.order_id = by_row.reference_id
    left join {{ ref('int_order_references') }} as by_document on sales.source = by_document.source and sales.recorder_id = by_document.reference_id
    {{ join_rate('accounting_rates', accounting_currency('sales.source'), 'sales.sale_date') }}
    where
        not coalesce(cards.is_own, false)
        and not coalesce(counterparties.is_own, false)
        and (
            sales.document_key is null
            or sales.document_key not in (select document_key from {{ ref('int_repeated_retail_reports') }})
        )

),

from_documents as (

    select
        lines.document_key || ':' || cast(lines.line_number as {{ text_type() }}) as sale_key,
        lines.source,
        lines.document_key,
        lines.document_number,
        lines.document_date as sale_date,
        lines.organisation_key,
        lines.warehouse_key,
        lines.customer_key,
        lines.product_key,
        lines.manager_key,
        lines.order_key,
        cast(null as {{ text_type() }}) as deal_key,
        case when lines.is_return then -lines.quantity else lines.quantity end as quantity,
        case when lines.is_return then -lines.amount else lines.amount end as revenue,
        case when lines.is_return then -lines.vat else lines.vat end as vat,
        case when lines.is_service then 0 end as cost,
        lines.is_return,
        true as is_sale_row,
        lines.rate_to_base
    from {{ ref('int_sale_document_lines') }} as lines
    where
        lines.source not in (select source from register_sources)
        and lines.document_key not in (select document_key from {{ ref('int_repeated_retail_reports') }})

){% if var('sales_from_deals') %},

from_deals as (

    select
        deal_key || ':1' as sale_key,
        source,
        deal_key as document_key,
        deal_id as document_number,
        closed_date as sale_date,
        cast(null as {{ text_type() }}) as organisation_key,
        cast(null as {{ text_type() }}) as warehouse_key,
        customer_key,
        cast(null as {{ text_type() }}) as product_key,
        coalesce(manager_at_close_key, manager_key) as manager_key,
        cast(null as {{ text_type() }}) as order_key,
        deal_key,
        1 as quantity,
        amount_base as revenue,
        0 as vat,
        {{ cast_as('null', 'integer') }} as cost,
        false as is_return,
        true as is_sale_row,
        1 as rate_to_base
    from {{ ref('int_deals') }}
    where deal_status = 'won' and closed_date is not null

){% endif %},

sales as (

    select * from from_register

    union all

    select * from from_documents
    {% if var('sales_from_deals') %}
    union all

    select * from from_deals
    {% endif %}
)

select
    sale_key,
    source,
    document_key,
    document_number,
    sale_date,
    organisation_key,
    warehouse_key,
    customer_key,
    product_key,
    manager_key,
    order_key,
    deal_key,
    cast(quantity as {{ decimal_type(18, 3) }}) as quantity,
    {{ money_in_base('revenue', 'rate_to_base') }} as revenue_base,
    {{ money_in_base('vat', 'rate_to_base') }} as vat_base,
    {{ money_in_base('cost', 'rate_to_base') }} as cost_base,
    is_return,
    is_sale_row and not is_return as is_sale
from sales
{{ and_union_of('int_sale_records', [
    'sale_key', 'source', 'document_key', 'document_number', 'sale_date', 'organisation_key', 'warehouse_key', 'customer_key', 'product_key',
    'manager_key', 'order_key', 'deal_key', 'quantity', 'revenue_base', 'vat_base', 'cost_base', 'is_return', 'is_sale',
]) }}
