-- Who owes, the biggest first: debt, its overdue part and the longest delay by customer, of one manager's customers or all.
select
    debts.customer_key,
    customers.customer_name,
    customers.manager_key,
    managers.manager_name,
    customers.phone,
    sum(debts.debt) as debt,
    sum(case when debts.overdue_days > 0 then debts.debt else 0 end) as overdue,
    max(debts.overdue_days) as overdue_days
from marts.receivables as debts
left join marts.dim_customers as customers on customers.customer_key = debts.customer_key
left join marts.dim_managers as managers on managers.manager_key = customers.manager_key
where ($manager = '' or coalesce(case when debts.customer_key is null then debts.manager_key else customers.manager_key end, 'none') = $manager)
group by debts.customer_key, customers.customer_name, customers.manager_key, managers.manager_name, customers.phone
order by overdue desc, debt desc, debts.customer_key
limit $limit
