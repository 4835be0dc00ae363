-- One pipeline's passages by stage in some months, whenever the deals were created: entered, went on, were lost, hours stood.
select
    passages.stage_key,
    stages.stage_name,
    passages.stage_position,
    sum(passages.entries) as entries,
    sum(passages.exits_forward) as exits_forward,
    sum(passages.exits_lost) as exits_lost,
    sum(passages.hours_in_stage) as hours_in_stage
from marts.funnel_passages as passages
left join marts.dim_stages as stages on stages.stage_key = passages.stage_key
where passages.source = $source
    and coalesce(passages.pipeline_name, '') = $pipeline
    and coalesce(stages.stage_kind, 'open') <> 'lost'
    and passages.passed_month between $from_month and $to_month
    and ($manager = '' or coalesce(passages.manager_key, 'none') = $manager)
    and ($channel = '' or coalesce(passages.channel, 'none') = $channel)
group by passages.stage_key, stages.stage_name, passages.stage_position
order by passages.stage_position, passages.stage_key
