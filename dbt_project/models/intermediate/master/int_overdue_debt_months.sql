{#-
    Overdue debt at the end of each month by manager; the running month as it stands at as_of (marts.receivables). A past
    month is reckoned as it stood then: what was shipped and paid by its end, money that names no order given to the oldest
    debts of its currency, and the earliest stage of the schedule that was not paid yet.
-#}
with

movements as (

    select
        lines.order_key,
        lines.document_date as date,
        case when lines.is_return then -1 else 1 end
        * case
            when lines.currency_code = orders.currency_code then lines.amount
            else {{ round_money(quotient('lines.amount * lines.rate_to_base', 'orders.rate_to_base')) }}
        end as shipped,
        0 as paid
    from {{ ref('int_order_movements') }} as lines
    inner join {{ ref('int_orders') }} as orders on lines.order_key = orders.order_key
    where lines.document_date <= {{ as_of_date() }}

    union all

    select
        order_key,
        payment_date as date,
        0 as shipped,
        settled as paid
    from {{ ref('int_customer_money') }}
    where order_key is not null

),

order_months as (

    select
        order_key,
        {{ month_start('date') }} as month,
        sum(shipped) as shipped,
        sum(paid) as paid
    from movements
    group by order_key, {{ month_start('date') }}

),

-- how an order stood from one month in which something moved to the next
positions as (

    select
        order_key,
        month as stands_from,
        coalesce(lead(month) over (partition by order_key order by month), {{ month_start(as_of_date()) }}) as stands_to,
        sum(shipped) over (partition by order_key order by month rows between unbounded preceding and current row) as shipped,
        sum(paid) over (partition by order_key order by month rows between unbounded preceding and current row) as paid
    from order_months

),

loose_months as (

    select
        customer_key,
        currency_code,
        {{ month_start('payment_date') }} as month,
        sum(settled) as settled
    from {{ ref('int_customer_money') }}
    where order_key is null and customer_key is not null
    group by customer_key, currency_code, {{ month_start('payment_date') }}

),

pools as (

    select
        customer_key,
        currency_code,
        month as stands_from,
        coalesce(
            lead(month) over (partition by customer_key, currency_code order by month), {{ month_start(as_of_date()) }}
        ) as stands_to,
        sum(settled) over (
            partition by customer_key, currency_code order by month rows between unbounded preceding and current row
        ) as pool
    from loose_months

),

months as (

    select distinct
        month,
        {{ add_days(add_months('month', 1), -1) }} as month_end
    from {{ ref('dim_dates') }}
    where month < {{ month_start(as_of_date()) }}

),

open_debts as (

    select
        months.month,
        months.month_end,
        positions.order_key as order_key,
        orders.customer_key as customer_key,
        orders.currency_code as currency_code,
        orders.manager_key,
        orders.rate_to_base as rate_to_base,
        settlements.debt_date,
        positions.shipped as shipped,
        positions.shipped - positions.paid as debt
    from positions
    inner join months on positions.stands_from <= months.month and positions.stands_to > months.month
    inner join {{ ref('int_orders') }} as orders on positions.order_key = orders.order_key
    inner join {{ ref('int_order_settlements') }} as settlements on positions.order_key = settlements.order_key
    where positions.shipped > positions.paid

),

queued as (

    select
        open_debts.*,
        greatest(coalesce(pools.pool, 0), 0) as pool,
        coalesce(sum(open_debts.debt) over (
            partition by open_debts.month, open_debts.customer_key, open_debts.currency_code
            order by open_debts.debt_date, open_debts.order_key
            rows between unbounded preceding and 1 preceding
        ), 0) as debt_before
    from open_debts
    left join pools
        on
            open_debts.customer_key = pools.customer_key
            and open_debts.currency_code = pools.currency_code
            and open_debts.month >= pools.stands_from
            and open_debts.month < pools.stands_to

),

unpaid as (

    select
        month,
        month_end,
        order_key,
        manager_key,
        rate_to_base,
        shipped,
        debt - greatest(least(pool - debt_before, debt), 0) as debt
    from queued

),

stages_due as (

    select
        unpaid.month as month,
        unpaid.order_key,
        min(stages.due_date) as due_date
    from unpaid
    inner join {{ ref('int_order_stages') }} as stages on unpaid.order_key = stages.order_key
    where unpaid.debt > 0 and stages.planned_to > unpaid.shipped - unpaid.debt
    group by unpaid.month, unpaid.order_key

),

past as (

    select
        unpaid.month as month,
        unpaid.manager_key,
        {{ round_money('unpaid.debt * unpaid.rate_to_base') }} as overdue_debt
    from unpaid
    inner join {{ ref('int_order_due_dates') }} as terms on unpaid.order_key = terms.order_key
    left join stages_due on unpaid.month = stages_due.month and unpaid.order_key = stages_due.order_key
    where unpaid.debt > 0 and coalesce(stages_due.due_date, terms.document_due_date) < unpaid.month_end

),

joined as (

    select
        month,
        manager_key,
        overdue_debt
    from past

    union all

    select
        {{ month_start(as_of_date()) }} as month,
        manager_key,
        debt as overdue_debt
    from {{ ref('receivables') }}
    where overdue_days > 0

)

select
    month,
    manager_key,
    {{ cast_as('sum(overdue_debt)', 'decimal(18,2)') }} as overdue_debt
from joined
group by month, manager_key
