{{ config(materialized=read_through()) }}
-- A deal that was opened again was not open until then.
select
    deal_key as reopened_deal_key,
    entered_at as was_closed_at,
    left_at as was_reopened_at
from {{ ref('int_deal_stage_entries') }}
where stage_kind <> 'open' and left_at is not null
