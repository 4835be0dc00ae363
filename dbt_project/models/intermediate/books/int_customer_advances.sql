-- Money of a customer beyond all debts at as_of: prepayments not yet shipped plus money that names no order and found no debt.
with

prepaid as (

    select
        customer_key,
        sum(excess_base - allotted_base + reopened_base) as advance
    from {{ ref('int_order_settlements') }}
    where customer_key is not null
    group by customer_key

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

allotted as (

    select
        customer_key,
        currency_code,
        sum(allotted_same_currency) as allotted
    from {{ ref('int_order_settlements') }}
    where allotted_same_currency > 0
    group by customer_key, currency_code

),

spare as (

    select
        pools.customer_key,
        sum(
            case
                when pools.pool > 0 and allotted.allotted > 0
                    then {{ round_money(quotient('pools.pool_base * (pools.pool - allotted.allotted)', 'pools.pool')) }}
                else pools.pool_base
            end
        ) as advance
    from pools
    left join allotted on pools.customer_key = allotted.customer_key and pools.currency_code = allotted.currency_code
    group by pools.customer_key

)

select
    customer_key,
    cast(sum(advance) as {{ decimal_type(18, 2) }}) as advance
from (
    select * from prepaid

    union all

    select * from spare
) as parts
group by customer_key
