-- A returned order was allotted money that the pieces of payments cut for it do not sum to.
with

pieces as (

    select
        pieces.order_key,
        sum(pieces.settled) as settled
    from {{ ref('int_order_payments') }} as pieces
    group by pieces.order_key

)

select
    settlements.order_key,
    settlements.paid_named + settlements.allotted_same_currency as allotted,
    pieces.settled
from {{ ref('int_order_settlements') }} as settlements
left join pieces on settlements.order_key = pieces.order_key
where settlements.paid_named + settlements.allotted_same_currency <> coalesce(pieces.settled, 0)
