-- One pipeline by manager: deals created in the cohort months, those of them won and lost, and all open deals now.
select
    funnel.manager_key,
    managers.manager_name,
    sum(case when funnel.cohort_month between $from_month and $to_month and funnel.stage_position = 1 and funnel.stage_kind = 'open' then funnel.deals_reached else 0 end) as deals_created,
    sum(case when funnel.cohort_month between $from_month and $to_month and funnel.stage_kind = 'won' then funnel.deals_reached else 0 end) as deals_won,
    sum(case when funnel.cohort_month between $from_month and $to_month and funnel.stage_kind <> 'lost' then funnel.deals_lost else 0 end) as deals_lost,
    sum(funnel.deals_now) as deals_now,
    sum(funnel.amount_now) as amount_now
from marts.sales_funnel as funnel
left join marts.dim_managers as managers on managers.manager_key = funnel.manager_key
where funnel.source = $source
    and coalesce(funnel.pipeline_name, '') = $pipeline
    and ($manager = '' or coalesce(funnel.manager_key, 'none') = $manager)
    and ($channel = '' or coalesce(funnel.channel, 'none') = $channel)
group by funnel.manager_key, managers.manager_name
order by deals_created desc, amount_now desc
