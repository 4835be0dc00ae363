-- Debts by the manager who answers for the customer.
select
    customers.manager_key,
    managers.manager_name,
    sum(debts.debt) as debt,
    sum(case when debts.overdue_days > 0 then debts.debt else 0 end) as overdue,
    count(distinct debts.customer_key) as customers
from marts.receivables as debts
left join marts.dim_customers as customers on customers.customer_key = debts.customer_key
left join marts.dim_managers as managers on managers.manager_key = customers.manager_key
group by customers.manager_key, managers.manager_name
order by overdue desc, debt desc
