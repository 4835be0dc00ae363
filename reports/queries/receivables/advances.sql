-- Money received beyond all debts; what a customer owes beyond its orders is a debt of it and no advance of others.
select sum(case when advance > 0 then advance else 0 end) as advance
from marts.customer_advances
