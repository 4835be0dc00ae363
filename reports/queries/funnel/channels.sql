-- The channels whose deals are in the funnel.
select distinct channel
from marts.sales_funnel
order by channel
