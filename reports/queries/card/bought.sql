-- What one customer bought since a day, and when last.
select
    product_key,
    max(sale_date) as last_sale_date
from marts.fct_sales
where customer_key = $customer
    and not is_return
    and quantity > 0
    and product_key is not null
    and sale_date > $year_ago
    and sale_date <= $as_of
group by product_key
