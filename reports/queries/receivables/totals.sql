-- What customers owe: all of it, the overdue part, and how many customers owe.
select
    sum(debt) as debt,
    sum(case when overdue_days > 0 then debt else 0 end) as overdue,
    sum(case when overdue_days > 30 then debt else 0 end) as overdue_over_month,
    count(distinct customer_key) as customers
from marts.receivables
