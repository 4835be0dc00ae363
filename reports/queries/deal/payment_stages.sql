-- What some orders are paid by: each stage with what was planned and what has come.
select
    order_key,
    stage_number,
    stage_kind,
    due_date,
    planned_base,
    paid_base,
    closed_date
from marts.order_payment_stages
where order_key = any($orders)
order by order_key, stage_number
