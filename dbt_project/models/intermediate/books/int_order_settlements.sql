-- What every order has been shipped, paid and owes at as_of, in its own currency.
-- Payments that name an order stay with it. The rest of a customer's money goes to the oldest debt first: once among debts of the same
-- currency, then, through the company currency, among what is left. Refunds that name no order take money back in the opposite order:
-- spare money, then prepayments, then the newest paid order. Running sums do it for all customers at once.
with

shipped as (

    select
        lines.order_key,
        {%- set amount -%}
            case
                when lines.currency_code = orders.currency_code then lines.amount
                else {{ round_money(quotient('lines.amount * lines.rate_to_base', 'orders.rate_to_base')) }}
            end
        {%- endset %}
        sum(case when lines.is_return then -1 else 1 end * {{ amount }}) as shipped,
        sum(case when lines.is_return then 0 else 1 end * {{ amount }}) as shipped_in_all,
        min(case when not lines.is_return then lines.document_date end) as first_shipped_date,
        max(case when not lines.is_return then lines.document_date end) as last_shipped_date,
        min(lines.document_date) as first_moved_date
    from {{ ref('int_order_movements') }} as lines
    inner join {{ ref('int_orders') }} as orders on lines.order_key = orders.order_key
    where lines.document_date <= {{ as_of_date() }}
    group by lines.order_key

),

paid as (

    select
        order_key,
        sum(settled) as paid
    from {{ ref('int_customer_money') }}
    where order_key is not null
    group by order_key

),

positions as (

    select
        orders.order_key as order_key,
        orders.customer_key,
        orders.currency_code,
        orders.rate_to_base,
        shipped.first_shipped_date,
        shipped.last_shipped_date,
        coalesce(shipped.first_moved_date, orders.order_date) as debt_date,
        cast(coalesce(shipped.shipped, 0) as {{ decimal_type(18, 2) }}) as shipped,
        cast(coalesce(shipped.shipped_in_all, 0) as {{ decimal_type(18, 2) }}) as shipped_in_all,
        cast(coalesce(paid.paid, 0) as {{ decimal_type(18, 2) }}) as paid_named,
        cast(greatest(coalesce(shipped.shipped, 0) - coalesce(paid.paid, 0), 0) as {{ decimal_type(18, 2) }}) as open_debt,
        cast(greatest(coalesce(paid.paid, 0) - coalesce(shipped.shipped, 0), 0) as {{ decimal_type(18, 2) }}) as excess
    from {{ ref('int_orders') }} as orders
    left join shipped on orders.order_key = shipped.order_key
    left join paid on orders.order_key = paid.order_key

),

pools as (

    select
        customer_key,
        currency_code,
        sum(settled) as pool,
        sum(amount_base) as pool_base
    from {{ ref('int_customer_money') }}
    where order_key is null and customer_key is not null
    group by customer_key, currency_code

),

queued as (

    select
        positions.*,
        greatest(coalesce(pools.pool, 0), 0) as pool,
        coalesce(sum(positions.open_debt) over (
            partition by positions.customer_key, positions.currency_code
            order by positions.debt_date, positions.order_key
            rows between unbounded preceding and 1 preceding
        ), 0) as debt_before
    from positions
    left join pools on positions.customer_key = pools.customer_key and positions.currency_code = pools.currency_code

),

first_pass as (

    select
        *,
        greatest(least(pool - debt_before, open_debt), 0) as allotted_same_currency
    from queued

),

allotted_sums as (

    select
        customer_key,
        currency_code,
        sum(allotted_same_currency) as allotted
    from first_pass
    where customer_key is not null
    group by customer_key, currency_code

),

-- spare money and refunds beyond it, per customer in the company currency
spare as (

    select
        pools.customer_key,
        sum(
            case
                when pools.pool > 0 and allotted_sums.allotted > 0
                    then {{ round_money(quotient('pools.pool_base * (pools.pool - allotted_sums.allotted)', 'pools.pool')) }}
                else pools.pool_base
            end
        ) as spare_base
    from pools
    left join allotted_sums on pools.customer_key = allotted_sums.customer_key and pools.currency_code = allotted_sums.currency_code
    group by pools.customer_key

),

in_base as (

    select
        first_pass.*,
        coalesce(spare.spare_base, 0) as spare_base,
        coalesce({{ round_money('(first_pass.open_debt - first_pass.allotted_same_currency) * first_pass.rate_to_base') }}, 0) as left_base,
        coalesce({{ round_money('first_pass.excess * first_pass.rate_to_base') }}, 0) as excess_base,
        coalesce(
            {{ round_money('greatest(least(first_pass.paid_named, first_pass.shipped), 0) * first_pass.rate_to_base') }}, 0
        ) as paid_used_base
    from first_pass
    left join spare on first_pass.customer_key = spare.customer_key

),

running as (

    select
        *,
        coalesce(sum(left_base) over (
            partition by customer_key order by debt_date, order_key rows between unbounded preceding and 1 preceding
        ), 0) as left_before,
        coalesce(sum(paid_used_base) over (
            partition by customer_key order by debt_date desc, order_key desc rows between unbounded preceding and 1 preceding
        ), 0) as paid_after,
        sum(excess_base) over (partition by customer_key) as customer_excess_base
    from in_base

),

second_pass as (

    select
        *,
        case
            when customer_key is null then 0
            else greatest(least(greatest(spare_base, 0) - left_before, left_base), 0)
        end as allotted_base,
        case
            when customer_key is null then 0
            else greatest(least(greatest(-spare_base, 0) - customer_excess_base - paid_after, paid_used_base), 0)
        end as reopened_base
    from running

),

converted as (

    select
        *,
        case
            when allotted_base = 0 then 0
            when allotted_base = left_base then open_debt - allotted_same_currency
            else {{ round_money(quotient('allotted_base', 'rate_to_base')) }}
        end as allotted_other_currency,
        case when reopened_base = 0 then 0 else {{ round_money(quotient('reopened_base', 'rate_to_base')) }} end as reopened
    from second_pass

),

settled as (

    select
        *,
        paid_named + allotted_same_currency + allotted_other_currency - reopened as paid_in_all,
        greatest(shipped - (paid_named + allotted_same_currency + allotted_other_currency - reopened), 0) as debt_left
    from converted

)

select
    order_key,
    customer_key,
    currency_code,
    rate_to_base,
    debt_date,
    first_shipped_date,
    last_shipped_date,
    shipped,
    shipped_in_all,
    paid_named,
    cast(allotted_same_currency as {{ decimal_type(18, 2) }}) as allotted_same_currency,
    cast(allotted_other_currency as {{ decimal_type(18, 2) }}) as allotted_other_currency,
    cast(paid_in_all as {{ decimal_type(18, 2) }}) as paid,
    cast(debt_left as {{ decimal_type(18, 2) }}) as debt,
    {{ round_money('shipped * rate_to_base') }} as shipped_base,
    {{ round_money('paid_in_all * rate_to_base') }} as paid_base,
    {{ round_money('debt_left * rate_to_base') }} as debt_base,
    excess_base,
    allotted_base,
    reopened_base
from settled
