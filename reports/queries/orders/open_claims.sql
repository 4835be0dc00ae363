-- Claims, returns and acts that are not settled by a day, the oldest first.
select
    claims.claim_type,
    claims.reason,
    claims.registered_date,
    claims.claim_status,
    claims.amount_base,
    claims.customer_key,
    customers.customer_name,
    customers.manager_key,
    managers.manager_name
from marts.fct_claims as claims
left join marts.dim_customers as customers on customers.customer_key = claims.customer_key
left join marts.dim_managers as managers on managers.manager_key = customers.manager_key
where claims.is_open
    and claims.registered_date <= $as_of
    and ($manager = '' or coalesce(customers.manager_key, 'none') = $manager)
order by claims.registered_date, claims.claim_key
limit $limit
