-- One deal's way through the stages, in order, with the hours it stood in each.
select
    entries.entry_number,
    stages.stage_name,
    stages.pipeline_name,
    stages.stage_kind,
    entries.entered_at,
    entries.left_at,
    entries.hours_in_stage,
    entries.is_current
from marts.fct_deal_stage_entries as entries
left join marts.dim_stages as stages on stages.stage_key = entries.stage_key
where entries.deal_key = $deal
order by entries.entry_number
limit 200
