-- The cards of some deals in their CRM.
select
    deal_key,
    source_url
from marts.fct_deals
where deal_key = any($deals)
