-- Money of one customer beyond all its debts.
select sum(advance) as advance
from marts.customer_advances
where customer_key = $customer
