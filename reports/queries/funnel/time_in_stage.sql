-- How long deals stood in the stages of one pipeline that they left between two instants: the middle one and three of four.
select
    stages.stage_name,
    stages.stage_position,
    count(*) as passages,
    percentile_cont(0.5) within group (order by entries.hours_in_stage) as hours_median,
    percentile_cont(0.75) within group (order by entries.hours_in_stage) as hours_p
from marts.fct_deal_stage_entries as entries
inner join marts.dim_stages as stages on stages.stage_key = entries.stage_key
where stages.source = $source
    and coalesce(stages.pipeline_name, '') = $pipeline
    and stages.stage_kind = 'open'
    and entries.hours_in_stage is not null
    and entries.left_at >= $from_instant
    and entries.left_at < $to_instant
group by stages.stage_name, stages.stage_position
order by stages.stage_position
