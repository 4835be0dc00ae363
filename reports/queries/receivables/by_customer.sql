-- Who owes most: debts by customer, with the overdue part and the longest delay.
select
    debts.customer_key,
    customers.customer_name,
    managers.manager_name,
    sum(debts.debt) as debt,
    sum(case when debts.overdue_days > 0 then debts.debt else 0 end) as overdue,
    max(debts.overdue_days) as overdue_days
from marts.receivables as debts
left join marts.dim_customers as customers on customers.customer_key = debts.customer_key
left join marts.dim_managers as managers on managers.manager_key = customers.manager_key
group by debts.customer_key, customers.customer_name, managers.manager_name
order by debt desc, debts.customer_key
limit $limit
