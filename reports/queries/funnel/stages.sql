-- The funnel by pipeline and stage: deals created in the cohort months that reached the stage or were lost in it, and all open deals
-- that stand there now.
select
    source,
    pipeline_name,
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
group by source, pipeline_name, stage_key, stage_name, stage_position, stage_kind
order by source, pipeline_name, stage_position, stage_key
