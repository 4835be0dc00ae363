-- Orders of one customer that are shipped and not wholly paid, the oldest term first; debt_all and overdue_all are of all of them.
select
    order_key,
    order_number,
    order_date,
    amount_base,
    paid_base,
    debt_base,
    due_date,
    source_url,
    sum(debt_base) over () as debt_all,
    sum(case when due_date < $as_of then debt_base end) over () as overdue_all
from marts.fct_orders
where customer_key = $customer
    and debt_base > 0
    and order_date <= $as_of
order by due_date, order_key
limit 100
