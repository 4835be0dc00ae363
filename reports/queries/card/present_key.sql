-- The customer that a card of a system, or a key from before a merge, belongs to now.
select min(customer_key) as customer_key
from marts.customer_links
where source || ':' || source_customer_id = $customer
