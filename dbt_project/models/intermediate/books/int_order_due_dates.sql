-- When an order's debt is due: the schedule's earliest unpaid stage, else the document's own date, else the first shipment plus the days
-- of the customer's contract or the company's default.
with

unpaid_stages as (

    select
        order_key,
        min(due_date) as due_date
    from {{ ref('int_order_stages') }}
    where not is_closed and due_date is not null
    group by order_key

),

shipments as (

    select
        lines.order_key,
        min(documents.due_date) as due_date
    from {{ ref('int_sale_document_lines') }} as lines
    inner join {{ ref('int_onec_documents') }} as documents on lines.document_key = documents.document_key
    where lines.document_kind = 'shipment' and lines.document_date <= {{ as_of_date() }}
    group by lines.order_key

),

contracts as (

    select
        _source as source,
        _key as contract_id,
        terms_days
    from {{ ref('stg_onec__contracts') }}
    -- a term of a century is no term
    where terms_days between 1 and 36500 and not is_deleted

)

{%- set agreed -%}
    orders.due_date,
        shipments.due_date,
        {{ add_days('settlements.first_shipped_date', "coalesce(contracts.terms_days, " ~ var('default_payment_days') ~ ")") }}
{%- endset %}

select
    orders.order_key as order_key,
    coalesce(
        unpaid_stages.due_date,
        {{ agreed }}
    ) as due_date,
    -- where no stage of a schedule is unpaid
    coalesce(
        {{ agreed }}
    ) as document_due_date
from {{ ref('int_orders') }} as orders
left join unpaid_stages on orders.order_key = unpaid_stages.order_key
left join shipments on orders.order_key = shipments.order_key
left join contracts on orders.source = contracts.source and orders.contract_id = contracts.contract_id
left join {{ ref('int_order_settlements') }} as settlements on orders.order_key = settlements.order_key
