-- A returned row is an entry that does not end where the next one begins, ends before it began, or does not begin with the deal.
select
    entries.deal_key,
    entries.entry_number,
    entries.entered_at,
    entries.left_at
from {{ ref('fct_deal_stage_entries') }} as entries
inner join {{ ref('fct_deals') }} as deals on entries.deal_key = deals.deal_key
left join {{ ref('fct_deal_stage_entries') }} as following
    on entries.deal_key = following.deal_key and entries.entry_number + 1 = following.entry_number
where
    not ({{ same_value('entries.left_at', 'following.entered_at') }})
    or entries.left_at < entries.entered_at
    or (entries.entry_number = 1 and entries.entered_at <> deals.created_at)
