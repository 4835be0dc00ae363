-- The channels that advertising or deals came by.
select distinct channel
from marts.marketing_roi
order by channel
