-- The payment schedule of every order in its own currency, and how far money has filled it by as_of: stages are filled in their order.
with

stages as (

    select
        orders.order_key,
        stages.line_number,
        stages.stage_kind,
        stages.due_date as due_date,
        stages.percent,
        stages.amount as amount
    from {{ ref('stg_onec__order_payment_stages') }} as stages
    inner join {{ ref('int_onec_documents') }} as documents
        on
            stages._source = documents.source
            and stages._key = documents.document_id
            and stages._load_id = documents.load_id
            and documents.document_kind = 'order'
    inner join {{ ref('int_orders') }} as orders on documents.document_key = orders.order_key

    union all

    select
        orders.order_key,
        stages.line_number,
        stages.stage_kind,
        stages.due_date as due_date,
        stages.percent,
        stages.amount as amount
    from {{ ref('stg_onec__shipment_payment_stages') }} as stages
    inner join {{ ref('int_onec_documents') }} as documents
        on
            stages._source = documents.source
            and stages._key = documents.document_id
            and stages._load_id = documents.load_id
            and documents.document_kind = 'shipment'
    inner join {{ ref('int_orders') }} as orders on documents.document_key = orders.order_key

),

planned as (

    select
        stages.order_key as order_key,
        row_number() over (partition by stages.order_key order by stages.line_number) as stage_number,
        case
            when stages.stage_kind like 'Аванс%' then 'advance'
            when stages.stage_kind like 'Предоплат%' then 'prepayment'
            when stages.stage_kind like 'Кредит%' or stages.stage_kind like 'Постоплат%' then 'credit'
            when stages.due_date <= orders.order_date then 'advance'
            when stages.due_date <= coalesce(settlements.first_shipped_date, documents.planned_shipment_date, stages.due_date)
                then 'prepayment'
            else 'credit'
        end as stage_kind,
        stages.due_date as due_date,
        cast(
            coalesce(nullif(stages.amount, 0), {{ round_money('orders.amount * stages.percent / 100') }}, 0) as {{ decimal_type(18, 2) }}
        ) as planned,
        orders.rate_to_base as rate_to_base,
        coalesce(settlements.paid, 0) as paid
    from stages
    inner join {{ ref('int_orders') }} as orders on stages.order_key = orders.order_key
    left join {{ ref('int_order_settlements') }} as settlements on stages.order_key = settlements.order_key
    left join {{ ref('stg_onec__orders') }} as documents on orders.source = documents._source and orders.order_id = documents._key

),

running as (

    select
        *,
        sum(planned) over (partition by order_key order by stage_number rows between unbounded preceding and current row) as planned_to
    from planned

)

select
    order_key,
    {{ cast_as('stage_number', 'integer') }} as stage_number,
    stage_kind,
    due_date,
    planned,
    planned_to,
    rate_to_base,
    cast(greatest(least(paid - (planned_to - planned), planned), 0) as {{ decimal_type(18, 2) }}) as paid,
    paid >= planned_to as is_closed
from running
