select
    order_key,
    customer_key,
    manager_key,
    debt,
    due_date,
    case
        when due_date < {{ as_of_date() }} then {{ days_between('due_date', as_of_date()) }}
        else 0
    end as overdue_days,
    case
        when due_date is null or due_date >= {{ as_of_date() }} then 'not_due'
        when {{ days_between('due_date', as_of_date()) }} <= 30 then '1-30'
        when {{ days_between('due_date', as_of_date()) }} <= 60 then '31-60'
        when {{ days_between('due_date', as_of_date()) }} <= 90 then '61-90'
        else '90+'
    end as bucket
from (
    select
        order_key,
        customer_key,
        manager_key,
        debt_base as debt,
        due_date
    from {{ ref('fct_orders') }}
    where debt_base > 0
) as debts
