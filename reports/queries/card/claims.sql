-- One customer's claims and returns, unresolved ones first.
select
    claim_type,
    reason,
    registered_date,
    resolved_date,
    amount_base,
    claim_status
from marts.fct_claims
where customer_key = $customer
    and registered_date <= $as_of
order by case when resolved_date is null then 0 else 1 end, registered_date desc, claim_key
limit 20
