{%- set words = '(заказ|сч[её]т|order|invoice)[a-zа-яё]*' -%}
-- One row per order with a known deal: (1) an explicit reference in either system, (2) the manual seed, (3) by var, the only deal of the
-- same customer and amount within some days. Several explicit candidates: the same customer first, then the nearest in time.
-- A number that no order has as it is written («102») means the only order within a year whose number ends so («ТД00-000102»): of the
-- deal's customer, where the deal has one; what several orders could mean means none.
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

-- orders that deals name by what is an order's own
named as (

    select
        order_key,
        deal_key
    from numbers
    where place = 1

    union all

    select
        orders.order_key as order_key,
        deals.deal_key as deal_key
    from orders
    inner join deals on orders.order_id = {{ lower_case('deals.order_ref') }}

    union all

    select
        orders.order_key as order_key,
        deals.deal_key as deal_key
    from orders
    inner join deals on orders.order_key = deals.order_ref

),

deal_tails as {{ computed_once() }} (

    select
        deal_key,
        created_date,
        customer_key as deal_customer_key,
        {{ text_extract_pattern('trim(order_ref)', '0*([0-9]+)$', 1) }} as deal_tail,
        {{ number_letters(text_replace_pattern(lower_case('order_ref'), words, '')) }} as deal_letters
    from deals
    where order_ref is not null and deal_key not in (select named.deal_key from named)

),

-- numbers of half a million orders are taken apart only where a deal looks for one
order_tails as (

    select
        order_key,
        order_number,
        order_date,
        customer_key as order_customer_key,
        {{ text_extract_pattern('trim(order_number)', '0*([0-9]+)$', 1) }} as order_tail
    from orders
    where (select count(*) from deal_tails) > 0

),

tail_candidates as (

    select
        order_tails.order_key as order_key,
        deal_tails.deal_key as deal_key,
        count(*) over (partition by deal_tails.deal_key) as orders_of_deal
    from order_tails
    inner join deal_tails on order_tails.order_tail = deal_tails.deal_tail
    where
        (deal_tails.deal_letters = '' or {{ number_letters('order_tails.order_number') }} = deal_tails.deal_letters)
        and (deal_tails.deal_customer_key is null or order_tails.order_customer_key = deal_tails.deal_customer_key)
        and abs({{ days_between('deal_tails.created_date', 'order_tails.order_date') }}) <= 366

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
    from named

    union all

    select
        orders.order_key as order_key,
        deals.deal_key as deal_key,
        2 as rule
    from orders
    inner join {{ ref('order_deals') }} as manual on orders.order_key = manual.order_key
    inner join deals on manual.deal_key = deals.deal_key

    union all

    select
        order_key,
        deal_key,
        3 as rule
    from tail_candidates
    where orders_of_deal = 1

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
        case rule when 2 then 'manual' else 'reference' end as link_rule
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
