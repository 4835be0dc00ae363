-- Debts by how long they are overdue, of one manager's customers or all.
select
    debts.bucket,
    sum(debts.debt) as debt,
    count(*) as orders,
    count(distinct debts.customer_key) as customers
from marts.receivables as debts
left join marts.dim_customers as customers on customers.customer_key = debts.customer_key
where ($manager = '' or coalesce(case when debts.customer_key is null then debts.manager_key else customers.manager_key end, 'none') = $manager)
group by debts.bucket
