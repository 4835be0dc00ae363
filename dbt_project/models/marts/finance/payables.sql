with

debts as (

    select
        debts.document_key,
        suppliers.name as supplier_name,
        {{ round_money('debts.debt * rates.rate_to_base') }} as debt,
        coalesce(debts.due_date, {{ add_days('debts.supply_date', var('default_payment_days')) }}) as due_date
    from {{ ref('int_supplier_debts') }} as debts
    left join {{ ref('stg_onec__counterparties') }} as suppliers on debts.supplier_card_key = suppliers._source || ':' || suppliers._key
    {{ join_rate('rates', 'debts.currency_code', 'debts.supply_date') }}
    where debts.debt > 0

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
        when due_date >= {{ as_of_date() }} then 'not_due'
        when {{ days_between('due_date', as_of_date()) }} <= 30 then '1-30'
        when {{ days_between('due_date', as_of_date()) }} <= 60 then '31-60'
        when {{ days_between('due_date', as_of_date()) }} <= 90 then '61-90'
        else '90+'
    end as bucket
from debts
