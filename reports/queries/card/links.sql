-- The cards of one customer in the systems, and the rule that joined them.
select
    source,
    source_customer_id,
    match_rule,
    source_url
from marts.customer_links
where customer_key = $customer
order by source, source_customer_id
limit 20
