-- How many leads each campaign has brought between two instants.
select
    campaign_key,
    count(*) as leads
from marts.fct_leads
where created_at >= $from_instant and created_at < $to_instant
group by campaign_key
