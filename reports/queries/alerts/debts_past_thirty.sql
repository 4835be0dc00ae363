-- Customers with debts that are more than thirty days past due, and how much of it.
select
    debts.customer_key,
    customers.customer_name,
    customers.manager_key,
    managers.manager_name,
    sum(debts.debt) as debt,
    max(debts.overdue_days) as overdue_days
from marts.receivables as debts
left join marts.dim_customers as customers on customers.customer_key = debts.customer_key
left join marts.dim_managers as managers on managers.manager_key = customers.manager_key
where debts.overdue_days > 30
group by debts.customer_key, customers.customer_name, customers.manager_key, managers.manager_name
order by debt desc, debts.customer_key
