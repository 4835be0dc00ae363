-- What must be paid to suppliers by a day, the earliest first; debt_all is all of it, however few rows are asked for.
select
    supplier_name,
    debt,
    due_date,
    overdue_days,
    sum(debt) over () as debt_all
from marts.payables
where due_date <= $to_date
order by due_date, debt desc
limit $limit
