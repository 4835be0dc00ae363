-- Debts by the manager who answers for the customer; of a debt without a customer, by its own.
select
    debts.manager_key,
    managers.manager_name,
    sum(debts.debt) as debt,
    sum(case when debts.overdue_days > 0 then debts.debt else 0 end) as overdue,
    count(distinct debts.customer_key) as customers
from (
    select
        receivables.customer_key,
        receivables.debt,
        receivables.overdue_days,
        case when receivables.customer_key is null then receivables.manager_key else customers.manager_key end as manager_key
    from marts.receivables as receivables
    left join marts.dim_customers as customers on customers.customer_key = receivables.customer_key
) as debts
left join marts.dim_managers as managers on managers.manager_key = debts.manager_key
group by debts.manager_key, managers.manager_name
order by overdue desc, debt desc
