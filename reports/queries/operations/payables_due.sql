-- What must be paid to suppliers by a day, the earliest first.
select
    supplier_name,
    debt,
    due_date,
    overdue_days
from marts.payables
where due_date <= $to_date
order by due_date, debt desc
limit $limit
