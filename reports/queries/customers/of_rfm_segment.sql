-- Customers of one RFM segment, by what they brought in twelve months.
select
    scores.customer_key,
    customers.customer_name,
    customers.manager_key,
    managers.manager_name,
    customers.phone,
    scores.recency_days,
    scores.frequency,
    scores.monetary,
    scores.r_score,
    scores.f_score,
    scores.m_score
from marts.rfm_customers as scores
inner join marts.dim_customers as customers on customers.customer_key = scores.customer_key
left join marts.dim_managers as managers on managers.manager_key = customers.manager_key
where coalesce(scores.rfm_segment, 'none') = $rfm_segment
order by scores.monetary desc, scores.customer_key
limit $limit
