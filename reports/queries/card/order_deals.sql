-- The names and states of some deals.
select
    deal_key,
    deal_name,
    stage_name,
    deal_status
from marts.fct_deals
where deal_key = any($deals)
