{#-
    Books of systems other than 1C's OData: orders, their lines, sales and payments out of staging models in the shape of feeds
    (ingestion/mapped/columns.py says what each column means). Each goes into the model of its entity beside the records of 1C.
    `rate` is a column of the staging model with the document's own price of its currency in the company currency, where it has one.
-#}

{#- `union all` with the records of an entity from every system that has them; nothing where none has. -#}
{% macro and_union_of(entity, columns) -%}
{%- for system in var('systems_of').get(entity, []) %}
    union all

    select
        {{ columns | join(',\n        ') }}
    from {{ ref(entity ~ '__' ~ system) }}
{%- endfor %}
{%- endmacro %}

{% macro feed_order_line_records(system) -%}
select
    {{ crm_key('lines._source', 'lines.order_id') }} as order_key,
    {{ cast_as('lines.line_number', 'integer') }} as line_number,
    lines._source as source,
    products.product_key,
    lines.quantity,
    lines.price,
    coalesce(lines.discount, 0) as discount,
    lines.amount as amount,
    coalesce(lines.vat, 0) as vat,
    coalesce(lines.is_cancelled, false) as is_cancelled
from {{ ref('stg_' ~ system ~ '__order_lines') }} as lines
inner join {{ ref('stg_' ~ system ~ '__orders') }} as orders on lines._source = orders._source and lines.order_id = orders.order_id
left join {{ ref('int_product_links') }} as products on {{ crm_key('lines._source', 'lines.product_id') }} = products.product_ref
where not lines.is_deleted and not orders.is_deleted
{%- endmacro %}

{#-
    Orders; with `own_rate` (of the lines of sales) also shipments and returns that belong to no order, each as its own (is_order false).
-#}
{% macro feed_order_records(system, rate='null', own_rate='') -%}
{%- if own_rate -%}
{{ feed_valued_sales(system, own_rate) }},

own_sums as (

    select
        _source,
        document_id,
        max(document_number) as document_number,
        min(sale_date) as document_date,
        max(organisation_id) as organisation_id,
        max(customer_id) as customer_id,
        max(manager_id) as manager_id,
        max(deal_id) as deal_id,
        min(sale_currency) as currency_code,
        min(rate_to_base) as rate_to_base,
        sum(coalesce(signed_revenue, 0)) as amount,
        sum(coalesce(signed_vat, 0)) as vat
    from valued
    where is_its_own and settled_order_id is not null
    group by _source, document_id

),
{%- else -%}
with
{%- endif %}

line_sums as (

    select
        _source,
        order_id,
        sum(case when coalesce(is_cancelled, false) then 0 else amount end) as amount,
        sum(case when coalesce(is_cancelled, false) then 0 else vat end) as vat,
        min(case when coalesce(is_cancelled, false) then 1 else 0 end) = 1 as is_cancelled
    from {{ ref('stg_' ~ system ~ '__order_lines') }}
    where not is_deleted
    group by _source, order_id

)

select
    {{ crm_key('orders._source', 'orders.order_id') }} as order_key,
    orders._source as source,
    orders.order_id as order_id,
    coalesce(orders.order_number, orders.order_id) as order_number,
    orders.order_date,
    {{ crm_key('orders._source', 'orders.organisation_id') }} as organisation_key,
    links.customer_key,
    managers.manager_key,
    cast(null as {{ text_type() }}) as contract_id,
    coalesce(orders.currency_code, '{{ var("base_currency") }}') as currency_code,
    coalesce({{ cast_as(rate, 'decimal(28,8)') }}, rates.rate_to_base) as rate_to_base,
    orders.due_date,
    cast(coalesce(line_sums.amount, orders.amount, 0) as {{ decimal_type(18, 2) }}) as amount,
    cast(coalesce(line_sums.vat, orders.vat, 0) as {{ decimal_type(18, 2) }}) as vat,
    orders.deal_id as deal_reference,
    case when managers.manager_key is not null then 'manager' else 'other' end as order_channel,
    coalesce(orders.order_status = 'cancelled', false) or coalesce(line_sums.is_cancelled, false) as is_cancelled,
    coalesce(orders.order_status in ('closed', 'cancelled'), false) as is_closed,
    true as is_order,
    cast(null as {{ text_type() }}) as source_url
from {{ ref('stg_' ~ system ~ '__orders') }} as orders
left join line_sums on orders._source = line_sums._source and orders.order_id = line_sums.order_id
left join {{ ref('int_customer_links') }} as links on {{ crm_key('orders._source', 'orders.customer_id') }} = links.card_key
left join {{ ref('int_manager_links') }} as managers on {{ crm_key('orders._source', 'orders.manager_id') }} = managers.manager_ref
{{ join_rate('rates', "coalesce(orders.currency_code, '" ~ var('base_currency') ~ "')", 'orders.order_date') }}
where not orders.is_deleted and orders.order_date is not null
{%- if own_rate %}

union all

select
    {{ crm_key('own_sums._source', 'own_sums.document_id') }} as order_key,
    own_sums._source as source,
    own_sums.document_id as order_id,
    coalesce(own_sums.document_number, own_sums.document_id) as order_number,
    own_sums.document_date as order_date,
    {{ crm_key('own_sums._source', 'own_sums.organisation_id') }} as organisation_key,
    links.customer_key,
    managers.manager_key,
    cast(null as {{ text_type() }}) as contract_id,
    own_sums.currency_code as currency_code,
    own_sums.rate_to_base as rate_to_base,
    {{ cast_as('null', 'date') }} as due_date,
    cast(own_sums.amount as {{ decimal_type(18, 2) }}) as amount,
    cast(own_sums.vat as {{ decimal_type(18, 2) }}) as vat,
    own_sums.deal_id as deal_reference,
    case when managers.manager_key is not null then 'manager' else 'other' end as order_channel,
    false as is_cancelled,
    false as is_closed,
    false as is_order,
    cast(null as {{ text_type() }}) as source_url
from own_sums
left join {{ ref('int_customer_links') }} as links on {{ crm_key('own_sums._source', 'own_sums.customer_id') }} = links.card_key
left join {{ ref('int_manager_links') }} as managers on {{ crm_key('own_sums._source', 'own_sums.manager_id') }} = managers.manager_ref
{%- if system == 'feed' %}
where links.customer_key is not null
{%- endif %}
{%- endif %}
{%- endmacro %}

{#-
    CTEs that end in `valued`: sale lines with figures that are negative in what came back, whatever sign their system keeps each of them
    with (a positive quantity beside a negative sum, a cost that is always positive), their rate, and what they are owed under: the order
    they name, else (is_its_own) their own document; NULL where that cannot be told.
-#}
{% macro feed_valued_sales(system, rate) -%}
with

signed as (

    select
        sales.*,
        coalesce(sales.is_return, sales.quantity < 0 or sales.revenue < 0, false) as is_given_back,
        coalesce(sales.currency_code, '{{ var("base_currency") }}') as sale_currency
    from {{ ref('stg_' ~ system ~ '__sales') }} as sales
    where not sales.is_deleted and sales.sale_date is not null

),

known_orders as (

    select distinct
        _source as order_source,
        order_id as known_order_id
    from {{ ref('stg_' ~ system ~ '__orders') }}
    where not is_deleted and order_date is not null

),

valued as (

    select
        signed.*,
        {%- for figure in ['quantity', 'revenue', 'vat', 'cost'] %}
        case when is_given_back then -abs({{ figure }}) else {{ figure }} end as signed_{{ figure }},
        {%- endfor %}
        coalesce({{ cast_as(rate, 'decimal(28,8)') }}, rates.rate_to_base) as rate_to_base,
        coalesce(
            known_orders.known_order_id,
            case
                when
                    signed.customer_id is not null
                    and namesakes.known_order_id is null
                    {%- if system == 'feed' %}
                    -- sales of a mapped system may be paid at once: they are owed for where it tells of payments
                    and signed._source in (select _source from {{ ref('stg_feed__payments') }} where not is_deleted)
                    {%- endif %}
                    then signed.document_id
            end
        ) as settled_order_id,
        known_orders.known_order_id is null as is_its_own
    from signed
    left join known_orders on signed._source = known_orders.order_source and signed.order_id = known_orders.known_order_id
    left join known_orders as namesakes
        on signed._source = namesakes.order_source and signed.document_id = namesakes.known_order_id
    {{ join_rate('rates', 'signed.sale_currency', 'signed.sale_date') }}

)
{%- endmacro %}

{#- Returns are negative. -#}
{% macro feed_sale_records(system, rate='null') -%}
{{ feed_valued_sales(system, rate) }}

select
    {{ crm_key('sales._source', 'sales.document_id') }} || ':' || cast(coalesce(sales.line_number, 1) as {{ text_type() }}) as sale_key,
    sales._source as source,
    {{ crm_key('sales._source', 'sales.document_id') }} as document_key,
    sales.document_number,
    sales.sale_date,
    {{ crm_key('sales._source', 'sales.organisation_id') }} as organisation_key,
    {{ crm_key('sales._source', 'sales.warehouse_id') }} as warehouse_key,
    links.customer_key as customer_key,
    products.product_key as product_key,
    managers.manager_key as manager_key,
    orders.order_key as order_key,
    deals.deal_key as deal_key,
    cast(coalesce(sales.signed_quantity, 0) as {{ decimal_type(18, 3) }}) as quantity,
    {{ round_money('coalesce(sales.signed_revenue, 0) * sales.rate_to_base') }} as revenue_base,
    {{ round_money('coalesce(sales.signed_vat, 0) * sales.rate_to_base') }} as vat_base,
    {{ round_money('sales.signed_cost * sales.rate_to_base') }} as cost_base,
    sales.is_given_back as is_return,
    -- a row that only closes a cost moves neither goods nor money
    not sales.is_given_back and (coalesce(sales.quantity, 0) <> 0 or coalesce(sales.revenue, 0) <> 0) as is_sale
from valued as sales
left join {{ ref('int_customer_links') }} as links on {{ crm_key('sales._source', 'sales.customer_id') }} = links.card_key
left join {{ ref('int_manager_links') }} as managers on {{ crm_key('sales._source', 'sales.manager_id') }} = managers.manager_ref
left join {{ ref('int_product_links') }} as products on {{ crm_key('sales._source', 'sales.product_id') }} = products.product_ref
left join {{ ref('int_orders') }} as orders on {{ crm_key('sales._source', 'sales.settled_order_id') }} = orders.order_key
left join {{ ref('int_deals') }} as deals on {{ crm_key('sales._source', 'sales.deal_id') }} = deals.deal_key
{%- endmacro %}

{#- What of an order went out or came back, in the currency of its document; amounts are unsigned. -#}
{% macro feed_shipment_records(system, rate='null') -%}
{{ feed_valued_sales(system, rate) }}

select
    {{ crm_key('_source', 'settled_order_id') }} as order_key,
    sale_date as document_date,
    is_given_back as is_return,
    coalesce(case when is_given_back then -signed_revenue else signed_revenue end, 0) as amount,
    sale_currency as currency_code,
    rate_to_base
from valued
where settled_order_id is not null
{%- endmacro %}

{#- `order_ref`: also the order as the payment names it, which may be one of another system. -#}
{% macro feed_payment_records(system, rate='null', order_ref=false) -%}
with

dated as (

    select
        payments.*,
        {{ written_date('payments.paid_at', 'payments._source') }} as payment_date,
        coalesce(payments.currency_code, '{{ var("base_currency") }}') as paid_currency
    from {{ ref('stg_' ~ system ~ '__payments') }} as payments
    where not payments.is_deleted and payments.paid_at is not null and payments.amount is not null

),

valued as (

    select
        dated.*,
        abs(dated.amount) as paid,
        case when coalesce(dated.direction, case when dated.amount < 0 then 'out' else 'in' end) = 'out' then 'out' else 'in' end as way,
        coalesce({{ cast_as(rate, 'decimal(28,8)') }}, rates.rate_to_base) as rate_to_base
    from dated
    {{ join_rate('rates', 'dated.paid_currency', 'dated.payment_date') }}

)

select
    {{ crm_key('payments._source', 'payments.payment_id') }} as payment_key,
    payments._source as source,
    {{ crm_key('payments._source', 'payments.payment_id') }} as document_key,
    payments.paid_at,
    payments.payment_date,
    {{ crm_key('payments._source', 'payments.organisation_id') }} as organisation_key,
    cast(null as {{ text_type() }}) as account_key,
    cast(null as {{ text_type() }}) as article_key,
    'customer' as operation_kind,
    coalesce(links.customer_key, orders.customer_key) as customer_key,
    cast(null as {{ text_type() }}) as counterparty_card_key,
    orders.order_key,
    orders.manager_key as order_manager_key,
    coalesce(payments.payment_method, 'bank') as payment_method,
    payments.way as direction,
    payments.paid as amount,
    payments.paid_currency as currency_code,
    payments.rate_to_base as rate_to_base,
    {{ round_money("payments.paid * payments.rate_to_base * case when payments.way = 'out' then -1 else 1 end") }} as amount_base,
    case
        when orders.order_key is null or payments.paid_currency = orders.currency_code then payments.paid
        else {{ round_money(quotient('payments.paid * payments.rate_to_base', 'orders.rate_to_base')) }}
    end * case when payments.way = 'out' then -1 else 1 end as settled,
    true as is_customer_money,
    {{ 'payments.order_id as order_ref,' if order_ref }}
    false as is_own
from valued as payments
left join {{ ref('int_customer_links') }} as links on {{ crm_key('payments._source', 'payments.customer_id') }} = links.card_key
left join {{ ref('int_orders') }} as orders on {{ crm_key('payments._source', 'payments.order_id') }} = orders.order_key
{%- endmacro %}
