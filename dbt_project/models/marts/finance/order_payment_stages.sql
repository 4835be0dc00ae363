with

closings as (

    select
        stages.order_key,
        stages.stage_number,
        min(payments.payment_date) as closed_date
    from {{ ref('int_order_stages') }} as stages
    inner join {{ ref('int_order_payments') }} as payments
        on stages.order_key = payments.order_key and stages.planned_to <= payments.paid_to
    where stages.is_closed
    group by stages.order_key, stages.stage_number

)

select
    stages.order_key,
    stages.stage_number,
    stages.stage_kind,
    stages.due_date,
    {{ round_money('stages.planned * stages.rate_to_base') }} as planned_base,
    {{ round_money('stages.paid * stages.rate_to_base') }} as paid_base,
    closings.closed_date
from {{ ref('int_order_stages') }} as stages
left join closings on stages.order_key = closings.order_key and stages.stage_number = closings.stage_number
