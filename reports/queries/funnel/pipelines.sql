-- The pipelines that have deals, the busiest first.
select
    source,
    pipeline_name,
    sum(case when stage_position = 1 then deals_reached else 0 end) as deals
from marts.sales_funnel
group by source, pipeline_name
order by deals desc, source, pipeline_name
