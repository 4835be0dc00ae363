-- Debts by how long they are overdue.
select
    bucket,
    sum(debt) as debt,
    count(*) as orders
from marts.receivables
group by bucket
