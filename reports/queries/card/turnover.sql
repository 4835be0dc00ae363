-- One customer's turnover: three months rolling and full, the tier and what is missing to the next, what leaves the window.
select
    turnover_3m,
    turnover_previous_3m,
    turnover_change,
    turnover_12m,
    turnover_3_full_months,
    leaving_next_month,
    average_sale_3m,
    sales_count_3m,
    last_sale_date,
    days_since_last_sale,
    tier_name,
    tier_discount,
    next_tier_name,
    to_next_tier
from marts.customer_turnover
where customer_key = $customer
