-- How many customers are in each state of life, and what they have ever brought.
select
    lifecycle,
    count(*) as customers,
    sum(revenue_base) as revenue
from marts.dim_customers
group by lifecycle
