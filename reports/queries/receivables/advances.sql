-- Money received beyond all debts.
select sum(advance) as advance
from marts.customer_advances
