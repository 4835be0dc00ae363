-- The cards of some customers in every system.
select
    customer_key,
    source,
    source_customer_id,
    source_url
from marts.customer_links
where customer_key = any($customers)
order by customer_key, source, source_customer_id
