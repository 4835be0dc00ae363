-- One customer's turnover and profit by month, months without a sale left out.
select
    month,
    turnover,
    gross_profit,
    sales_count
from marts.customer_turnover_months
where customer_key = $customer
    and month between $from_month and $to_month
order by month
