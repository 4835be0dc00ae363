-- How many customers each RFM segment has, what they brought in twelve months, and how long they have bought nothing.
select
    coalesce(rfm_segment, 'none') as rfm_segment,
    count(*) as customers,
    sum(monetary) as revenue,
    median(recency_days) as recency_days
from marts.rfm_customers
group by rfm_segment
order by sum(monetary) desc, coalesce(rfm_segment, 'none')
