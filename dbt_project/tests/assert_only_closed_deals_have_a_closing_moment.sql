-- A returned row is an open deal with a closing moment, or a won or lost one without.
select
    deal_key,
    deal_status,
    closed_at
from {{ ref('fct_deals') }}
where (deal_status = 'open') <> (closed_at is null) and stage_key is not null
