-- What customers must pay between two days, the earliest first; debt_all is all of it, however few rows are asked for.
select
    customers.customer_name,
    managers.manager_name,
    debts.debt,
    debts.due_date,
    sum(debts.debt) over () as debt_all
from marts.receivables as debts
left join marts.dim_customers as customers on customers.customer_key = debts.customer_key
left join marts.dim_managers as managers on managers.manager_key = customers.manager_key
where debts.due_date between $from_date and $to_date
order by debts.due_date, debts.debt desc
limit $limit
