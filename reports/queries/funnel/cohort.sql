-- One pipeline by stage: deals of the cohort months that reached it or were lost in it, all open deals that stand there now, and hours.
select
    stage_key,
    stage_name,
    stage_position,
    stage_kind,
    sum(case when cohort_month between $from_month and $to_month then deals_reached else 0 end) as deals_reached,
    sum(case when cohort_month between $from_month and $to_month then amount_reached else 0 end) as amount_reached,
    sum(case when cohort_month between $from_month and $to_month then deals_lost else 0 end) as deals_lost,
    sum(deals_now) as deals_now,
    sum(amount_now) as amount_now
from marts.sales_funnel
where source = $source
    and coalesce(pipeline_name, '') = $pipeline
    and ($manager = '' or coalesce(manager_key, 'none') = $manager)
    and ($channel = '' or coalesce(channel, 'none') = $channel)
group by stage_key, stage_name, stage_position, stage_kind
order by stage_position, stage_key
