{{ config(materialized=read_through()) }}

select
    entries.deal_key,
    entries.entry_number,
    entries.stage_key,
    entries.entered_at,
    entries.left_at,
    case
        when entries.stage_kind <> 'open' then null
        else greatest(
            {{ hours_between('entries.entered_at', 'coalesce(entries.left_at, least(' ~ as_of_end() ~ ', loads.newest_load_at))') }},
            0.0
        )
    end as hours_in_stage,
    entries.is_current,
    entries.origin = 'observed' as is_observed
from {{ ref('int_deal_stage_entries') }} as entries
cross join {{ ref('int_newest_load') }} as loads
