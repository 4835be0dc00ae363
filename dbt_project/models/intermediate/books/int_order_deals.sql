-- One row per order with a known deal: (1) an explicit reference in either system, (2) the manual seed, (3) by var, the only deal of the
-- same customer and amount within some days. Several explicit candidates: the same customer first, then the nearest in time.
with

orders as (

    select
        order_key,
        order_id,
        order_number,
        order_date,
        customer_key,
        amount,
        currency_code,
        deal_reference
    from {{ ref('int_orders') }}
    where is_order

),

deals as (

    select
        deal_key,
        deal_id,
        order_ref,
        customer_key,
        amount,
        currency_code,
        created_date,
        closed_date
    from {{ ref('int_deals') }}

),

-- 1C numbers its documents anew every year: a deal that names a number means one order of it
numbers as (

    select
        orders.order_key as order_key,
        deals.deal_key as deal_key,
        row_number() over (
            partition by deals.deal_key
            order by
                case when orders.customer_key = deals.customer_key then 0 else 1 end,
                abs({{ days_between('deals.created_date', 'orders.order_date') }}),
                orders.order_key
        ) as place
    from orders
    inner join deals on orders.order_number = deals.order_ref

),

pairs as (

    select
        orders.order_key as order_key,
        deals.deal_key as deal_key,
        1 as rule
    from orders
    inner join deals on orders.deal_reference = deals.deal_key

    union all

    select
        orders.order_key as order_key,
        deals.deal_key as deal_key,
        1 as rule
    from orders
    inner join deals on orders.deal_reference = deals.deal_id

    union all

    select
        order_key,
        deal_key,
        1 as rule
    from numbers
    where place = 1

    union all

    select
        orders.order_key as order_key,
        deals.deal_key as deal_key,
        1 as rule
    from orders
    inner join deals on orders.order_id = {{ lower_case('deals.order_ref') }}

    union all

    select
        orders.order_key as order_key,
        deals.deal_key as deal_key,
        1 as rule
    from orders
    inner join deals on orders.order_key = deals.order_ref

    union all

    select
        orders.order_key as order_key,
        deals.deal_key as deal_key,
        2 as rule
    from orders
    inner join {{ ref('order_deals') }} as manual on orders.order_key = manual.order_key
    inner join deals on manual.deal_key = deals.deal_key

),

ranked as (

    select
        pairs.order_key as order_key,
        pairs.deal_key as deal_key,
        pairs.rule,
        row_number() over (
            partition by pairs.order_key
            order by
                pairs.rule,
                case when orders.customer_key = deals.customer_key then 0 else 1 end,
                abs({{ days_between('deals.created_date', 'orders.order_date') }}),
                pairs.deal_key
        ) as place
    from pairs
    inner join orders on pairs.order_key = orders.order_key
    inner join deals on pairs.deal_key = deals.deal_key

),

linked as (

    select
        order_key,
        deal_key,
        case rule when 1 then 'reference' else 'manual' end as link_rule
    from ranked
    where place = 1

){% if var('link_by_match') %},

candidates as (

    select
        orders.order_key as order_key,
        deals.deal_key as deal_key,
        count(*) over (partition by orders.order_key) as deals_of_order,
        count(*) over (partition by deals.deal_key) as orders_of_deal
    from orders
    inner join deals
        on
            orders.customer_key = deals.customer_key
            and orders.amount = deals.amount
            and orders.currency_code = deals.currency_code
            and (
                abs({{ days_between('deals.created_date', 'orders.order_date') }}) <= {{ var('link_by_match_days') }}
                or abs({{ days_between('deals.closed_date', 'orders.order_date') }}) <= {{ var('link_by_match_days') }}
            )
    where
        orders.order_key not in (select order_key from linked)
        and deals.deal_key not in (select deal_key from linked)

){% endif %}

select
    order_key,
    deal_key,
    link_rule
from linked
{% if var('link_by_match') %}
union all

select
    order_key,
    deal_key,
    'match' as link_rule
from candidates
where deals_of_order = 1 and orders_of_deal = 1
{% endif %}
