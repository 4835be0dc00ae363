-- The customer base by month: new, returning, reactivated, active and lost customers.
select
    month,
    customers_new,
    customers_returning,
    customers_reactivated,
    customers_active,
    customers_lost
from marts.customer_base_months
where month between $from_month and $to_month
order by month
