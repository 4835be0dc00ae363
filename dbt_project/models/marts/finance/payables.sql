with

-- a document that is owed for in two currencies is one debt
debts as (

    select
        document_key,
        min(supplier_name) as supplier_name,
        cast(sum(debt_base) as {{ decimal_type(18, 2) }}) as debt,
        min(due_date) as due_date
    from {{ ref('int_supplier_debts') }}
    group by document_key

)

select
    document_key,
    supplier_name,
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
from debts
