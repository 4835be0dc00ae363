-- Claims, returns and acts registered between two days by kind and reason: how many, open ones, for how much, middle days to settle.
select
    claims.claim_type,
    claims.reason,
    count(*) as claims,
    sum(case when claims.is_open then 1 else 0 end) as claims_open,
    sum(claims.amount_base) as amount,
    percentile_cont(0.5) within group (order by claims.days_to_resolve) as days_to_resolve
from marts.fct_claims as claims
left join marts.dim_customers as customers on customers.customer_key = claims.customer_key
where claims.registered_date between $from_date and $to_date
    and ($manager = '' or coalesce(customers.manager_key, 'none') = $manager)
group by claims.claim_type, claims.reason
order by claims desc, claims.claim_type, claims.reason
